// `#[tokio::main]` was replaced by the attribute, and `main` still calls `run`.
// group: run
// marked: lambda_stream::run
// write: #[tokio::main]
// verdict: no (the call is marked, and the attribute must change), yes, yes
use lambda_stream::{Json, Payload, RuntimeError};

async fn greet(Payload(name): Payload<String>) -> Json<String> {
    Json(format!("Hello, {name}"))
}

#[lambda_stream::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(greet).await
}
