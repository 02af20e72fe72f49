// The function returns a value that is no `Result`.
// group: run
// marked: handler
// write: Result<String, Error>
// verdict: yes, yes, yes
use lambda_stream::{LambdaEvent, RuntimeError, service_fn};

async fn handler(event: LambdaEvent<String>) -> String {
    format!("Hello, {}", event.payload)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
