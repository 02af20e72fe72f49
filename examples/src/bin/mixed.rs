//! Answers of several forms from one function: some at once, some streamed, chosen when the request is there.
//!
//! `cargo run --bin mixed`, then `curl -i http://127.0.0.1:9000/health`, `curl -i http://127.0.0.1:9000/nothing` and
//! `curl -iN http://127.0.0.1:9000/letter -d 'Ada'`.

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
        (&Method::GET, "/lines") => Ok(AnyResponse::stream(slowly(
            ["one\n", "two\n", "three\n"].map(str::to_owned),
        ))),
        (&Method::POST, "/letter") => {
            let name = std::str::from_utf8(request.body())?.trim();
            let words = ["Dear ", name, ",\n", "this ", "comes ", "word ", "by ", "word.\n"].map(str::to_owned);
            let response = Response::builder()
                .status(201)
                .header(CONTENT_TYPE, "text/plain; charset=utf-8");
            Ok(response.body(Body::stream(slowly(words)))?.into())
        }
        (method, path) => {
            let text = format!("{method} {path} is nothing that is here.\n");
            Ok(Response::builder().status(404).body(text)?.into())
        }
    }
}

/// Where a real function would ask a model, or a database.
fn slowly<const N: usize>(pieces: [String; N]) -> impl Stream<Item = Result<String, Infallible>> {
    stream::unfold(pieces.into_iter(), |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok(piece), pieces))
    })
}
