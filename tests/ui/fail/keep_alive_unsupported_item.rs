use futures::{Stream, stream};
use lambda_stream::sse;
use std::time::Duration;

#[lambda_stream::main]
async fn handler() -> impl Stream<Item = &'static str> {
    sse::keep_alive(stream::iter(["hello"]), Duration::from_secs(15))
}
