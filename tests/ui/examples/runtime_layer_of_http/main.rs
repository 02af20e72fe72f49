// request: GET /orders
// response: no orders
use axum::Router;
use axum::routing::get;
use lambda_stream::{Runtime, RuntimeError, http};
use tower_http::cors::CorsLayer;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    Runtime::new()
        .run(http::service(app.layer(CorsLayer::permissive())))
        .await
}
