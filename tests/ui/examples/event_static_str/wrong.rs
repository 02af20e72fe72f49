// The event is a `&'static str`, to avoid a lifetime.
// group: parameters
// marked: &'static str
// write: name: String
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: &'static str, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
