// `main` returns the `Error` of a handler, as with `lambda_runtime`.
// group: run
// marked: #[tokio::main]
// write: Result<(), RuntimeError>
// verdict: no (the attribute of tokio causes the first error; the second one marks the call), yes, no (the compiler reports the attribute of tokio and the call)
use lambda_stream::{Error, Json};

async fn handler() -> Result<Json<u32>, Error> {
    Ok(Json(1))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_stream::run(handler).await
}
