// The bytes of the event are taken by reference.
// group: parameters
// marked: &RawEvent
// write: event: RawEvent
// verdict: yes, yes, yes
use lambda_stream::{Error, RawEvent, ResponseStream};

#[lambda_stream::main]
async fn handler(event: &RawEvent, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} bytes", event.len())).await?;
    Ok(())
}
