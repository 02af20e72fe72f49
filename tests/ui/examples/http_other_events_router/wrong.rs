// A router is passed to `on_other_events`, which takes a handler.
// group: http
// marked: service
// verdict: no (the whole service is marked), no (the message does not know that both are routers), yes
use axum::Router;
use axum::routing::get;
use lambda_stream::{Runtime, RuntimeError, http};

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    let admin = Router::new().route("/admin", get(async || "no administrators"));
    let service = http::service(app).on_other_events(admin);
    Runtime::new().run(service).await
}
