// The payload borrows a string from the event.
// group: parameters
// marked: &str
// write: String
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn handler(Payload(name): Payload<&str>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
