//! `AnyResponse`: the form of the response, buffered or streamed, is chosen for each request.
//!
//! ```sh
//! cargo run --bin mixed
//! curl -i http://127.0.0.1:9000/health
//! curl -iN http://127.0.0.1:9000/lines
//! curl -iN http://127.0.0.1:9000/letter -d 'Ada'
//! curl -i http://127.0.0.1:9000/missing
//! ```

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use lambda_stream::http::Body;
use lambda_stream::{AnyResponse, Error, Json};
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    healthy: bool,
    version: &'static str,
}

#[lambda_stream::main]
async fn mixed(request: Request<Bytes>) -> Result<AnyResponse, Error> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/health") => Ok(Json(Health {
            healthy: true,
            version: env!("CARGO_PKG_VERSION"),
        })
        .into()),
        (&Method::GET, "/lines") => {
            let lines = ["one\n", "two\n", "three\n"].map(str::to_owned);
            Ok(AnyResponse::stream(delayed(lines)))
        }
        (&Method::POST, "/letter") => {
            let name = std::str::from_utf8(request.body())?.trim();
            let words = ["Dear ", name, ",\n", "this ", "comes ", "word ", "by ", "word.\n"].map(str::to_owned);
            let response = Response::builder()
                .status(201)
                .header(CONTENT_TYPE, "text/plain; charset=utf-8");
            Ok(response.body(Body::stream(delayed(words)))?.into())
        }
        (method, path) => {
            let text = format!("{method} {path}: not found\n");
            Ok(Response::builder().status(404).body(text)?.into())
        }
    }
}

/// Returns a stream with a pause before each chunk. A real function would query a model or a database here.
fn delayed<const N: usize>(chunks: [String; N]) -> impl Stream<Item = Result<String, Infallible>> {
    stream::unfold(chunks.into_iter(), |mut chunks| async move {
        let chunk = chunks.next()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok(chunk), chunks))
    })
}

#[cfg(test)]
mod tests {
    use lambda_stream::testing::{Delivery, Invocation, Response};
    use serde_json::{Value, json};

    use super::*;

    async fn send(method: Method, path: &str, body: &'static str) -> Response {
        let request = Request::builder().method(method).uri(path).body(body).unwrap();
        Invocation::function_url(request).run(mixed).await
    }

    #[tokio::test]
    async fn health_is_buffered_json() {
        let response = send(Method::GET, "/health", "").await;
        assert_eq!(response.delivery(), Delivery::Buffered);
        assert_eq!(response.json::<Value>()["healthy"], json!(true));
    }

    #[tokio::test(start_paused = true)]
    async fn letter_is_streamed_word_by_word() {
        let response = send(Method::POST, "/letter", "Ada").await;
        assert_eq!(response.delivery(), Delivery::Streamed);
        assert_eq!(response.status(), Some(201));
        assert_eq!(response.chunks().len(), 8);
        response.assert_body("Dear Ada,\nthis comes word by word.\n");
    }

    #[tokio::test]
    async fn unknown_path_is_status_404() {
        let response = send(Method::GET, "/missing", "").await;
        assert_eq!(response.status(), Some(404));
        response.assert_body("GET /missing: not found\n");
    }
}
