// request: GET /orders
// response: no orders
use axum::Router;
use axum::routing::get;
use lambda_stream::RuntimeError;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    lambda_stream::http::run(app).await
}
