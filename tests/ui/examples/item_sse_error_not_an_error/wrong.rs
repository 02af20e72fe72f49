// The error beside an event is an enum without `std::error::Error`.
// group: streams
// marked: ModelError
// write: impl std::error::Error for ModelError
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use lambda_stream::sse::Event;

#[derive(Debug)]
enum ModelError {
    Empty,
}

#[lambda_stream::main]
async fn complete(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = Result<Event, ModelError>> {
    stream::iter(words).map(|word| match word.is_empty() {
        true => Err(ModelError::Empty),
        false => Ok(Event::data(word)),
    })
}
