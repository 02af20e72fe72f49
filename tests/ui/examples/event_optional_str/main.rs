// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: Option<String>, mut stream: ResponseStream) -> Result<(), Error> {
    if let Some(name) = name {
        stream.write(format!("Hello, {name}")).await?;
    }
    Ok(())
}
