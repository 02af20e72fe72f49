// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: String, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
