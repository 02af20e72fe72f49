// The hook is called, in place of passed.
// group: run
// marked: flush()
// write: remove the parentheses
// verdict: yes, yes, yes
use lambda_stream::{Json, Runtime, RuntimeError};

async fn flush() {
    eprintln!("flushed");
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().on_shutdown(flush()).run(handler).await
}
