// event: ["one", "two"]
// response: data: one\n\ndata: two\n\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use lambda_stream::sse::Event;

#[derive(Debug)]
enum ModelError {
    Empty,
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a word is empty")
    }
}

impl std::error::Error for ModelError {}

#[lambda_stream::main]
async fn complete(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = Result<Event, ModelError>> {
    stream::iter(words).map(|word| match word.is_empty() {
        true => Err(ModelError::Empty),
        false => Ok(Event::data(word)),
    })
}
