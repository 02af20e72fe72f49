// The future of `run` is returned in place of its result.
// group: run
// marked: #[tokio::main]
// verdict: no (the attribute of tokio causes the first error; the second one marks the call), no (the second error says to write `.await`), no (the compiler reports the attribute of tokio and the call)
use lambda_stream::{Json, RuntimeError};

async fn handler() -> Json<u32> {
    Json(1)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler)
}
