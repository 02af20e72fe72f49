// response: 1
use lambda_stream::{Json, Runtime, RuntimeError};

async fn flush(endpoint: &str) {
    eprintln!("flushed to {endpoint}");
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let endpoint = "metrics".to_owned();
    Runtime::new()
        .on_shutdown(async move || flush(&endpoint).await)
        .run(handler)
        .await
}
