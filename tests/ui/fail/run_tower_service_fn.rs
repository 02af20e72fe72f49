// `lambda_runtime::service_fn` is `tower::service_fn`.
use lambda_stream::{Error, LambdaEvent, RuntimeError};
use serde_json::Value;
use tower::service_fn;

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

async fn start() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}

fn main() {
    drop(start());
}
