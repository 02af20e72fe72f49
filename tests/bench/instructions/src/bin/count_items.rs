//! A handler that returns a stream of chunks.

use bytes::Bytes;
use futures::{Stream, stream};
use lambda_stream_instructions::{CHUNK, Request};

#[lambda_stream::main]
async fn handler(request: Request) -> impl Stream<Item = Bytes> {
    stream::iter((0..request.chunks).map(|_| Bytes::from_static(CHUNK.as_bytes())))
}
