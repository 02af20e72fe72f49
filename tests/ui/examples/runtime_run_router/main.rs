// request: GET /orders
// response: no orders
use axum::Router;
use axum::routing::get;
use lambda_stream::{Runtime, RuntimeError};

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    Runtime::new()
        .buffer_size(1024)
        .run(lambda_stream::http::service(app))
        .await
}
