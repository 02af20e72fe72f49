// `main` returns the `Error` of a handler, as with `lambda_runtime`.
// group: run
// marked: lambda_stream::run(handler).await
// write: Result<(), RuntimeError>
// verdict: yes, yes, yes
use lambda_stream::{Error, Json};

async fn handler() -> Result<Json<u32>, Error> {
    Ok(Json(1))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_stream::run(handler).await
}
