// event: ["a", "long", "word"]
// response: longword
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn long_words(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(words).filter_map(async |word| (word.len() > 3).then_some(word))
}
