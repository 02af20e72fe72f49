// The handler is expected to return the stream when it has written to it.
// group: streams
// marked: ResponseStream
// write: Result<(), lambda_stream::Error>
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<ResponseStream, Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(stream)
}
