// The event is a string slice.
// group: parameters
// marked: &str
// write: name: String
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: &str, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
