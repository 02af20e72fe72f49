// event: ["one ", "two"]
// response: one two
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

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
async fn complete(Payload(prompt): Payload<Vec<String>>) -> impl Stream<Item = Result<String, ModelError>> {
    stream::iter(prompt).map(|word| match word.is_empty() {
        true => Err(ModelError::Empty),
        false => Ok(word),
    })
}
