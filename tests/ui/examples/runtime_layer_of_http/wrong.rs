// A layer of HTTP services is added to the runtime, whose requests are invocations.
// group: http
// marked: http::service(app)
// write: app.layer(
// verdict: no (the argument of `run` is marked, where the type of the service is known), yes, yes
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
