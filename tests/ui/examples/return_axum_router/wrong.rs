// The handler is expected to build the application.
// group: http
// marked: Router
// write: lambda_stream::http::run(
// verdict: yes, yes, yes
use axum::Router;
use axum::routing::get;

#[lambda_stream::main]
async fn app() -> Router {
    Router::new().route("/orders", get(async || "no orders"))
}
