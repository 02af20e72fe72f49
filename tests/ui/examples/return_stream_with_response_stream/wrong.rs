// The handler writes the start of the response, and returns the rest as a stream.
// group: streams
// marked: impl Stream<Item = String>
// write: Result<(), lambda_stream::Error>
// verdict: yes, yes, yes
use futures::{Stream, stream};
use lambda_stream::{Payload, ResponseStream};

fn complete(prompt: String) -> impl Stream<Item = String> {
    stream::iter([prompt, " …".to_owned()])
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<String>, mut stream: ResponseStream) -> impl Stream<Item = String> {
    stream.write("> ").await.ok();
    complete(prompt)
}
