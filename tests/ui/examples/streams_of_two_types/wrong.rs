// The branches return streams of different types.
// group: streams
// marked: stream::iter(words)
// verdict: no (both branches must change), no (the compiler does not say how the types can be one), yes
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    if words.is_empty() {
        return stream::once(async { "no words".to_owned() });
    }
    stream::iter(words)
}
