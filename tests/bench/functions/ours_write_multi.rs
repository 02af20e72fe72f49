//! This crate: a handler that writes, on several threads.

use lambda_stream::{Error, ResponseStream};
use lambda_stream_bench::{Shape, ours};

#[lambda_stream::main(flavor = "multi_thread")]
async fn handler(shape: Shape, stream: ResponseStream) -> Result<(), Error> {
    ours::write(shape, stream).await
}
