// The handler is called, in place of passed.
// group: run
// marked: handler()
// write: remove the parentheses
// verdict: yes, yes, yes
use lambda_stream::{Json, RuntimeError};

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler()).await
}
