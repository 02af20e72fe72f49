// request: GET /orders
// response: no orders
use axum::Router;
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    lambda_stream::http::run(app().await).await
}

async fn app() -> Router {
    Router::new().route("/orders", get(async || "no orders"))
}
