// The function already returns `Json`, and is still passed through `service_fn`.
// group: run
// marked: service_fn(handler)
// write: remove `service_fn`
// verdict: yes, yes, yes
use lambda_stream::{Error, Json, LambdaEvent, RuntimeError, service_fn};

async fn handler(event: LambdaEvent<String>) -> Result<Json<String>, Error> {
    Ok(Json(format!("Hello, {}", event.payload)))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
