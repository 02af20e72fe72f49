// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};

async fn handler(event: LambdaEvent<String>) -> Result<String, Error> {
    Ok(format!("Hello, {}", event.payload))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
