//! An error in the middle of a stream, with `lambda_runtime`.

use futures::{Stream, stream};
use lambda_runtime::{Error, LambdaEvent, StreamResponse, run, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

type Items = Result<String, Error>;

async fn handler(_event: LambdaEvent<Value>) -> Result<StreamResponse<impl Stream<Item = Items>>, Error> {
    let rows = stream::iter([Ok("row 1\n".to_owned()), Err("the database is gone".into())]);
    Ok(StreamResponse::from(rows))
}
