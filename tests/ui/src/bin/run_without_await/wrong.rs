// The future of `run` is returned in place of its result.
// group: run
// marked: lambda_stream::run(handler)
// write: .await
// verdict: yes, yes, yes
use lambda_stream::{Json, RuntimeError};

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler)
}
