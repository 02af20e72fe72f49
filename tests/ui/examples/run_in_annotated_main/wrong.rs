// `#[tokio::main]` was replaced by the attribute, and `main` still calls `run`.
// group: run
// marked: lambda_stream::run(greet)
// write: #[tokio::main]
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload, RuntimeError};

async fn greet(Payload(name): Payload<String>) -> Json<String> {
    Json(format!("Hello, {name}"))
}

#[lambda_stream::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(greet).await
}
