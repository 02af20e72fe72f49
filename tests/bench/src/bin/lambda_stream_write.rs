//! `lambda-stream` with a handler that writes, on one thread.

use lambda_stream::{Error, ResponseStream};
use lambda_stream_bench::{ResponseSpec, lambda_stream_handlers};

#[lambda_stream::main(flavor = "current_thread")]
async fn handler(spec: ResponseSpec, stream: ResponseStream) -> Result<(), Error> {
    lambda_stream_handlers::write(spec, stream).await
}
