//! An axum application, with `lambda_http`.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::AppendHeaders;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::stream;
use lambda_http::{Error, run_with_streaming_response};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Page {
    page: u32,
}

#[derive(Deserialize, Serialize)]
struct Order {
    item: String,
}

async fn user(Path(name): Path<String>, Query(page): Query<Page>) -> String {
    format!("{name}, page {}", page.page)
}

async fn create(
    Json(order): Json<Order>,
) -> (
    StatusCode,
    AppendHeaders<[(&'static str, &'static str); 2]>,
    Json<Order>,
) {
    let cookies = AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]);
    (StatusCode::CREATED, cookies, Json(order))
}

async fn tokens() -> Body {
    Body::from_stream(stream::iter(["one ", "two"].map(Ok::<_, Infallible>)))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    let router = Router::new()
        .route("/users/{name}", get(user))
        .route("/orders", post(create))
        .route("/tokens", get(tokens));
    run_with_streaming_response(router).await
}
