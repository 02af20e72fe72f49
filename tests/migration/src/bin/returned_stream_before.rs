//! A stream as the response, with a status, headers and a cookie, with `lambda_runtime`.

use futures::{Stream, stream};
use lambda_runtime::{Error, LambdaEvent, MetadataPrelude, StreamResponse, run, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

type Items = Result<String, Error>;

async fn handler(_event: LambdaEvent<Value>) -> Result<StreamResponse<impl Stream<Item = Items>>, Error> {
    let mut prelude = MetadataPrelude {
        status_code: http::StatusCode::CREATED,
        cookies: vec!["seen=1".to_owned()],
        ..MetadataPrelude::default()
    };
    let content_type = "text/plain".parse()?;
    prelude.headers.insert("content-type", content_type);
    Ok(StreamResponse {
        metadata_prelude: prelude,
        stream: stream::iter(["one\n", "two\n"].map(|line| Ok(line.to_owned()))),
    })
}
