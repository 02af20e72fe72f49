// event: {"name":"Ada"}
// response: {"message":"Hello, Ada!"}
use lambda_stream::{Error, Json, LambdaEvent};
use serde_json::{Value, json};

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Value>) -> Result<Json<Value>, Error> {
    let name = event.payload["name"].as_str().unwrap_or("world");
    Ok(Json(json!({ "message": format!("Hello, {name}!") })))
}
