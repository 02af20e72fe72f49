// response: 1
use lambda_stream::{Json, RuntimeError};

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler).await
}
