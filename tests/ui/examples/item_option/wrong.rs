// The items are `Option`s, to leave some of them out.
// group: streams
// marked: Option<String>
// verdict: yes, no (the hints send the `Option` as JSON, and do not say `filter_map`), yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn long_words(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = Option<String>> {
    stream::iter(words).map(|word| (word.len() > 3).then_some(word))
}
