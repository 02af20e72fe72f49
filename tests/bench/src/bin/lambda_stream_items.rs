//! `lambda-stream` with a handler that returns a stream, on one thread.

use bytes::Bytes;
use futures::Stream;
use lambda_stream_bench::{ResponseSpec, lambda_stream_handlers};

#[lambda_stream::main(flavor = "current_thread")]
async fn handler(spec: ResponseSpec) -> impl Stream<Item = Bytes> {
    lambda_stream_handlers::items(spec)
}
