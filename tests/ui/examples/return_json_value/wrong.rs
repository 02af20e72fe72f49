// A handler returns what `json!` makes.
// group: return
// marked: Value
// write: Json<Value>
// verdict: yes, yes, yes
use lambda_stream::Payload;
use serde_json::{Value, json};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>) -> Value {
    json!({ "greeting": format!("Hello, {name}") })
}
