// event: ["one", "two"]
// response: data: one\n\ndata: two\n\n
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, sse};

#[lambda_stream::main]
async fn tail(Payload(lines): Payload<Vec<String>>) -> impl Stream<Item = sse::Event> {
    sse::keep_alive(stream::iter(lines).map(sse::Event::data), Duration::from_secs(15))
}
