// `map` with an async closure yields futures; `then` awaits them.
// group: streams
// marked: { stream::iter(words).map(translate) }
// verdict: no (the compiler marks the body), no (the compiler suggests `.await`, and not `then`), yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

async fn translate(word: String) -> String {
    word.to_uppercase()
}

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(words).map(translate)
}
