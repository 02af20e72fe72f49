// `into_make_service`, which `axum::serve` takes.
// group: http
// marked: app.into_make_service()
// write: remove `.into_make_service()`
// verdict: yes, yes, yes
use axum::Router;
use axum::routing::get;
use lambda_stream::RuntimeError;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    lambda_stream::http::run(app.into_make_service()).await
}
