// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Json, Payload, RuntimeError};

async fn greet(Payload(name): Payload<String>) -> Json<String> {
    Json(format!("Hello, {name}"))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(greet).await
}
