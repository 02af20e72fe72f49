// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Error, Json, LambdaEvent, RuntimeError};

async fn handler(event: LambdaEvent<String>) -> Result<Json<String>, Error> {
    Ok(Json(format!("Hello, {}", event.payload)))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler).await
}
