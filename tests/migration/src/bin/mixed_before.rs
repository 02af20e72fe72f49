//! A document or a stream, chosen per invocation, with `lambda_runtime`.

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use lambda_runtime::{Error, FunctionResponse, LambdaEvent, StreamResponse, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Query {
    summary: bool,
}

type Items = BoxStream<'static, Result<String, Error>>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<Query>) -> Result<FunctionResponse<Value, Items>, Error> {
    if event.payload.summary {
        return Ok(FunctionResponse::BufferedResponse(json!({ "lines": 2 })));
    }
    let lines = stream::iter(["one\n", "two\n"].map(|line| Ok(line.to_owned())));
    let response = StreamResponse::from(lines.boxed());
    Ok(FunctionResponse::StreamingResponse(response))
}
