// The function returns a struct that cannot be serialized.
// group: run
// marked: service_fn(handler)
// write: #[derive(serde::Serialize)]
// verdict: no (the call is marked, and the function must change), yes, yes
use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};

struct Response {
    msg: String,
}

async fn handler(event: LambdaEvent<String>) -> Result<Response, Error> {
    let msg = format!("Hello, {}", event.payload);
    Ok(Response { msg })
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
