// A layer of HTTP services is added to the runtime, whose requests are invocations.
// group: http
// marked: CorsLayer::permissive()
// verdict: yes, no (the compiler does not know the router), yes
use axum::Router;
use axum::routing::get;
use lambda_stream::{Runtime, RuntimeError, http};
use tower_http::cors::CorsLayer;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    Runtime::new()
        .layer(CorsLayer::permissive())
        .run(http::service(app))
        .await
}
