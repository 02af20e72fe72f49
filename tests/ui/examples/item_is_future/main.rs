// event: ["one", "two"]
// response: ONETWO
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

async fn translate(word: String) -> String {
    word.to_uppercase()
}

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(words).then(translate)
}
