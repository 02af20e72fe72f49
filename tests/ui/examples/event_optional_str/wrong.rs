// The event is an optional string slice.
// group: parameters
// marked: &str
// write: String
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: Option<&str>, mut stream: ResponseStream) -> Result<(), Error> {
    if let Some(name) = name {
        stream.write(format!("Hello, {name}")).await?;
    }
    Ok(())
}
