// request: GET /
// response: Welcome to Tea
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
    let app = Router::new().route("/", get(index)).with_state(Shop { name: "Tea" });
    lambda_stream::http::run(app).await
}
