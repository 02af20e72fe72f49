//! A handler that returns a stream of server-sent events.

use futures::{Stream, stream};
use lambda_stream::sse::Event;
use lambda_stream_instructions::{CHUNK, Request};

#[lambda_stream::main]
async fn handler(request: Request) -> impl Stream<Item = Event> {
    stream::iter((0..request.chunks).map(|_| Event::data(CHUNK)))
}
