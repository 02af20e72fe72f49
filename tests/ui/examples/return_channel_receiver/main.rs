// event: "Once upon a time"
// response: Once upon a time
use lambda_stream::{Error, Payload, ResponseStream};
use tokio::sync::mpsc;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let (sender, mut tokens) = mpsc::channel(8);
    tokio::spawn(async move {
        for token in prompt.split_inclusive(' ') {
            if sender.send(token.to_owned()).await.is_err() {
                break;
            }
        }
    });
    while let Some(token) = tokens.recv().await {
        stream.write(token).await?;
    }
    Ok(())
}
