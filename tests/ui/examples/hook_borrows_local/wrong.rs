// The hook borrows a value of `main`.
// group: run
// marked: async || flush(&endpoint).await
// verdict: no (the compiler marks the whole closure), no (the compiler does not say `move`, as it does for other closures), yes
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
        .on_shutdown(async || flush(&endpoint).await)
        .run(handler)
        .await
}
