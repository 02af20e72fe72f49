//! An axum application that receives the events of Lambda.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use axum::{Json, Router};
use futures::{Stream, StreamExt as _, stream};
use lambda_stream::RuntimeError;
use serde_json::{Value, json};

async fn order(Path(id): Path<u32>, headers: HeaderMap) -> Json<Value> {
    let language = headers.get("accept-language").and_then(|value| value.to_str().ok());
    Json(json!({ "id": id, "language": language }))
}

async fn progress() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let percentages = stream::iter([0, 50, 100]).then(async |percentage| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Event::default().data(format!("{percentage} %")))
    });
    Sse::new(percentages)
}

async fn report() -> Body {
    let rows = stream::iter([Ok("row 1\n"), Err(io::Error::other("the database is gone"))]);
    Body::from_stream(rows.then(async |row| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        row
    }))
}

fn router() -> Router {
    Router::new()
        .route("/", get(async || "Hello"))
        .route("/orders/{id}", get(order))
        .route("/progress", get(progress))
        .route("/report", get(report))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    lambda_stream::http::run(router()).await
}
