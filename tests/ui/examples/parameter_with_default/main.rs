// event: null
// response: Hello, World
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: Option<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let name = name.unwrap_or_else(|| "World".to_owned());
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
