// The error of the items is an enum without `std::error::Error`.
// group: streams
// marked: ModelError
// write: impl std::error::Error for ModelError
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[derive(Debug)]
enum ModelError {
    Empty,
}

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<Vec<String>>) -> impl Stream<Item = Result<String, ModelError>> {
    stream::iter(prompt).map(|word| match word.is_empty() {
        true => Err(ModelError::Empty),
        false => Ok(word),
    })
}
