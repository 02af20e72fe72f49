//! This crate: a handler that returns a stream, on one thread.

use bytes::Bytes;
use futures::Stream;
use lambda_stream_bench::{Shape, ours};

#[lambda_stream::main(flavor = "current_thread")]
async fn handler(shape: Shape) -> impl Stream<Item = Bytes> {
    ours::items(shape)
}
