// event: 2
// response: data: step 1\n\ndata: step 2\n\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::sse::Event;
use lambda_stream::{Error, Payload};

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> impl Stream<Item = Result<Event, Error>> {
    stream::iter(1..=steps).map(|step| Ok(Event::data(format!("step {step}"))))
}
