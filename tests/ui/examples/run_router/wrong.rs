// A router of axum is passed to `run`, as `lambda_http` takes it.
// group: http
// marked: app
// write: lambda_stream::http::run(
// verdict: yes, yes, yes
use axum::Router;
use axum::routing::get;
use lambda_stream::RuntimeError;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    lambda_stream::run(app).await
}
