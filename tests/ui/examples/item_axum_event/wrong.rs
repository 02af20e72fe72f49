// The items are events of axum, and not of this library.
// group: streams
// marked: Event
// write: lambda_stream::sse::Event
// verdict: yes, yes, yes
use axum::response::sse::Event;
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Error, Payload};

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> impl Stream<Item = Result<Event, Error>> {
    stream::iter(1..=steps).map(|step| Ok(Event::default().data(format!("step {step}"))))
}
