// A dynamic event is taken by reference.
// group: parameters
// marked: &Value
// write: event: Value
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde_json::Value;

#[lambda_stream::main]
async fn handler(event: &Value, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {}", event["name"])).await?;
    Ok(())
}
