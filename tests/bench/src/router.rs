//! The axum application that three implementations serve.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::routing::post;
use futures::StreamExt;

use crate::lambda_stream_handlers::items;

/// Returns an application that streams the response that the body of a request specifies.
pub fn router() -> Router {
    Router::new().route("/", post(respond))
}

async fn respond(body: Bytes) -> Result<Body, StatusCode> {
    let spec = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Body::from_stream(items(spec).map(Ok::<_, Infallible>)))
}
