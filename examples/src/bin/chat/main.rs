//! A chat page: the response to a message appears token by token, read by the page with `fetch`.
//!
//! ```sh
//! cargo run --bin chat
//! curl -N http://127.0.0.1:9000/response -d '{"text":"hello"}'
//! ```
//!
//! Or open `http://127.0.0.1:9000` in a browser.

mod model;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{Method, Request, Response, StatusCode};
use lambda_stream::Error;
use lambda_stream::http::Body;
use serde::Deserialize;

/// The simulated time that the model needs for a token.
const TOKEN_DELAY: Duration = Duration::from_millis(80);

#[derive(Deserialize)]
struct Message {
    text: String,
}

#[lambda_stream::main]
async fn chat(request: Request<Bytes>) -> Result<Response<Body>, Error> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => response(StatusCode::OK, "text/html", include_str!("page.html")),
        (&Method::POST, "/response") => match serde_json::from_slice(request.body()) {
            Ok(Message { text }) => {
                let tokens = model::tokens(&text, TOKEN_DELAY).map(Ok::<_, Infallible>);
                response(StatusCode::OK, "text/plain", Body::stream(tokens))
            }
            Err(error) => response(
                StatusCode::BAD_REQUEST,
                "text/plain",
                format!("invalid message: {error}\n"),
            ),
        },
        _ => response(StatusCode::NOT_FOUND, "text/plain", "not found: try GET /\n"),
    }
}

fn response(status: StatusCode, media_type: &str, body: impl Into<Body>) -> Result<Response<Body>, Error> {
    let response = Response::builder()
        .status(status)
        .header("content-type", format!("{media_type}; charset=utf-8"));
    Ok(response.body(body.into())?)
}
