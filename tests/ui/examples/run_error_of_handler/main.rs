// response: 1
use lambda_stream::{Error, Json, RuntimeError};

async fn handler() -> Result<Json<u32>, Error> {
    Ok(Json(1))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler).await
}
