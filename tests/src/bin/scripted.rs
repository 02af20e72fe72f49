//! A function that runs the steps in its event: see `lambda_stream_tests::scripted`.

use lambda_stream::{Error, ResponseStream};
use serde_json::Value;

#[lambda_stream::main(logging = false)]
async fn scripted(event: Value, stream: ResponseStream) -> Result<(), Error> {
    lambda_stream_tests::scripted::scripted(event, stream).await
}
