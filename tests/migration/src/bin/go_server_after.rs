//! An axum application with a streamed body.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::IntoResponse;
use axum::{Router, routing::get};
use futures::{StreamExt, stream};
use lambda_stream::RuntimeError;
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

async fn words(Query(prompt): Query<Prompt>) -> impl IntoResponse {
    let words: Vec<String> = prompt.text.split(' ').map(str::to_owned).collect();
    let body = stream::iter(words).then(|word| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok::<_, Infallible>(format!("{word}\n"))
    });
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (SET_COOKIE, "seen=1; Path=/; HttpOnly"),
    ];
    (StatusCode::CREATED, headers, Body::from_stream(body))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let app = Router::new().route("/words", get(words));
    lambda_stream::http::run(app).await
}
