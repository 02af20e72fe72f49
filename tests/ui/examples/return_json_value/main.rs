// event: "Ada"
// response: {"greeting":"Hello, Ada"}
use lambda_stream::{Json, Payload};
use serde_json::{Value, json};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>) -> Json<Value> {
    Json(json!({ "greeting": format!("Hello, {name}") }))
}
