// event: {"name":"Ada"}
// response: Hello, "Ada"
use lambda_stream::{Error, ResponseStream};
use serde_json::Value;

#[lambda_stream::main]
async fn handler(event: Value, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {}", event["name"])).await?;
    Ok(())
}
