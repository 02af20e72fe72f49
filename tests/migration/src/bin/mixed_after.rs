//! A document or a stream, chosen per invocation.

use futures::stream;
use lambda_stream::{AnyResponse, Json};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Query {
    summary: bool,
}

#[lambda_stream::main]
async fn handler(query: Query) -> AnyResponse {
    if query.summary {
        return Json(json!({ "lines": 2 })).into();
    }
    AnyResponse::stream(stream::iter(["one\n", "two\n"]))
}
