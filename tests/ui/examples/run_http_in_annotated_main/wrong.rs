// `main` has the attribute and serves a router.
// group: http
// marked: lambda_stream::http::run
// write: #[tokio::main]
// verdict: no (the call is marked, and the attribute must change), yes, yes
use axum::Router;
use axum::routing::get;
use lambda_stream::RuntimeError;

#[lambda_stream::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    lambda_stream::http::run(app).await
}
