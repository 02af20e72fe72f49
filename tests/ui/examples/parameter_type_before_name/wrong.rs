// The type of the parameter stands before its name, as in Java.
// group: parameters
// marked: event
// write: event: Value
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde_json::Value;

#[lambda_stream::main]
async fn handler(Value event, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {}", event["name"])).await?;
    Ok(())
}
