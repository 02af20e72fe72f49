// The router lacks its state.
// group: http
// marked: app
// write: .with_state(
// verdict: yes, yes, yes
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lambda_stream::RuntimeError;

#[derive(Clone)]
struct Shop {
    name: &'static str,
}

async fn index(State(shop): State<Shop>) -> String {
    format!("Welcome to {}", shop.name)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/", get(index));
    lambda_stream::http::run(app).await
}
