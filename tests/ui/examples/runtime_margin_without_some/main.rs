// response: 1
use std::time::Duration;

use lambda_stream::{Json, Runtime, RuntimeError};

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new()
        .deadline_margin(Some(Duration::from_secs(2)))
        .run(handler)
        .await
}
