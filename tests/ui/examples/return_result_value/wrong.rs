// A handler of `lambda_runtime` with the attribute: the value in the `Result` is no response.
// group: return
// marked: Value
// write: Json<Value>
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent};
use serde_json::{Value, json};

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let name = event.payload["name"].as_str().unwrap_or("world");
    Ok(json!({ "message": format!("Hello, {name}!") }))
}
