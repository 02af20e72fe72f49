// request: GET /admin
// response: no administrators
use axum::Router;
use axum::routing::get;
use lambda_stream::{Runtime, RuntimeError, http};

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/orders", get(async || "no orders"));
    let admin = Router::new().route("/admin", get(async || "no administrators"));
    let service = http::service(app.merge(admin));
    Runtime::new().run(service).await
}
