// The event is a byte slice.
// group: parameters
// marked: &[u8]
// write: RawEvent
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(event: &[u8], mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} bytes", event.len())).await?;
    Ok(())
}
