// request: GET /orders/7
// response: order 7
use axum::extract::Path;

#[tokio::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    let router = axum::Router::new().route("/orders/{id}", axum::routing::get(handler));
    lambda_stream::http::run(router).await
}

async fn handler(Path(id): Path<u32>) -> http::Response<String> {
    http::Response::new(format!("order {id}"))
}
