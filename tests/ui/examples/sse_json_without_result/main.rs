// event: 2
// response: data: 1\n\ndata: 2\n\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use lambda_stream::sse::Event;

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> impl Stream<Item = Result<Event, serde_json::Error>> {
    stream::iter(1..=steps).map(|step| Event::json(&step))
}
