// A task produces the response, and the handler returns the receiver of tokio's channel.
// group: streams
// marked: mpsc::Receiver<String>
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::Payload;
use tokio::sync::mpsc;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> mpsc::Receiver<String> {
    let (sender, tokens) = mpsc::channel(8);
    tokio::spawn(async move {
        for token in prompt.split_inclusive(' ') {
            if sender.send(token.to_owned()).await.is_err() {
                break;
            }
        }
    });
    tokens
}
