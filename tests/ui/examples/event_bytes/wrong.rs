// The bytes of the event are taken as `Bytes`, like a body in axum.
// group: parameters
// marked: Bytes
// write: RawEvent
// verdict: yes, yes, yes
use bytes::Bytes;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(event: Bytes, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} bytes", event.len())).await?;
    Ok(())
}
