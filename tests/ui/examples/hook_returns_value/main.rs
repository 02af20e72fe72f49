// response: 1
use lambda_stream::{Json, Runtime, RuntimeError};

async fn flush() -> Result<(), std::io::Error> {
    std::fs::write("/dev/null", "flushed")
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().on_shutdown(flush).run(handler).await
}
