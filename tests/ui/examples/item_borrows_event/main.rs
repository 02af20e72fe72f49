// event: "one two"
// response: onetwo
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn words(Payload(prompt): Payload<String>) -> impl Stream<Item = String> {
    let words: Vec<_> = prompt.split(' ').map(str::to_owned).collect();
    stream::iter(words)
}
