// The hook returns a number.
// group: run
// marked: flush
// write: Result<(),
// verdict: yes, yes, yes
use lambda_stream::{Json, Runtime, RuntimeError};

async fn flush() -> Result<usize, std::io::Error> {
    std::fs::write("/dev/null", "flushed").map(|()| 7)
}

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().on_shutdown(flush).run(handler).await
}
