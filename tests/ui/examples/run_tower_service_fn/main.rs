// event: {"id":7}
// response: {"id":7}
use lambda_stream::service_fn;
use lambda_stream::{Error, LambdaEvent, RuntimeError};
use serde_json::Value;

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
