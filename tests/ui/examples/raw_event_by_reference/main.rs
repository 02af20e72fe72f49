// event: [1,2,3]
// response: 7 bytes
use lambda_stream::{Error, RawEvent, ResponseStream};

#[lambda_stream::main]
async fn handler(event: RawEvent, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} bytes", event.len())).await?;
    Ok(())
}
