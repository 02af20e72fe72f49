// request: GET /
// response: Welcome
use axum::{Router, routing::get};
use lambda_stream::RuntimeError;

async fn index() -> &'static str {
    "Welcome"
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let router = Router::new().route("/", get(index));
    lambda_stream::http::run(router).await
}
