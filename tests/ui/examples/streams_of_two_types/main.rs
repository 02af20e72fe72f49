// event: ["one", "two"]
// response: onetwo
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    if words.is_empty() {
        return stream::once(async { "no words".to_owned() }).boxed();
    }
    stream::iter(words).boxed()
}
