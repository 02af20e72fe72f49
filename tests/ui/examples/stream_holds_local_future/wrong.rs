// The returned stream awaits a boxed future that is not `Send`.
// group: send
// marked: impl Stream<Item = String>
// verdict: yes, no (the compiler names the future, and not the function that makes it), yes
use futures::future::{FutureExt, LocalBoxFuture};
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

fn translate(word: String) -> LocalBoxFuture<'static, String> {
    async move { word.to_uppercase() }.boxed_local()
}

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(words).then(translate)
}
