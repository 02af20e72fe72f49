// `service_fn` is imported from `tower`, as `lambda_runtime` exports it.
// group: run
// marked: service_fn(handler)
// write: lambda_stream::service_fn
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent, RuntimeError};
use serde_json::Value;
use tower::service_fn;

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
