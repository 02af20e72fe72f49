// `keep_alive` gets a stream of text, and not of events.
// group: streams
// marked: stream::iter(lines)
// write: sse::Event
// verdict: yes, yes, no (the compiler repeats the error at the body and at the return type)
use std::time::Duration;

use futures::{Stream, stream};
use lambda_stream::{Payload, sse};

#[lambda_stream::main]
async fn tail(Payload(lines): Payload<Vec<String>>) -> impl Stream<Item = String> {
    sse::keep_alive(stream::iter(lines), Duration::from_secs(15))
}
