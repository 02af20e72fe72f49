// The function returns a value that is no `Result`.
// group: run
// marked: service_fn(handler)
// write: Result<String, Error>
// verdict: no (the call is marked, and the function must change), yes, yes
use lambda_stream::{LambdaEvent, RuntimeError, service_fn};

async fn handler(event: LambdaEvent<String>) -> String {
    format!("Hello, {}", event.payload)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
