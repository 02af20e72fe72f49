// A handler without the attribute returns text.
// group: run
// marked: greet
// write: #[lambda_stream::main]
// verdict: yes, yes, yes
use lambda_stream::{Payload, RuntimeError};

async fn greet(Payload(name): Payload<String>) -> String {
    format!("Hello, {name}")
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(greet).await
}
