// The hook is no async function.
// group: run
// marked: flush
// write: async fn
// verdict: yes, yes, yes
use lambda_stream::{Json, Runtime, RuntimeError};

fn flush() {
    eprintln!("flushed");
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().on_shutdown(flush).run(handler).await
}
