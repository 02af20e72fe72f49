// A handler of axum returns `Sse`.
// group: http
// marked: Sse<impl Stream<Item = Result<Event, Infallible>>>
// write: .into_response()
// verdict: yes, yes, yes
use std::convert::Infallible;

use axum::response::sse::{Event, Sse};
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::iter(1..=steps).map(|step| Ok(Event::default().data(format!("step {step}")))))
}
