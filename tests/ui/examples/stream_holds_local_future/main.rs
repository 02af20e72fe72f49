// event: ["one", "two"]
// response: ONETWO
use futures::future::{BoxFuture, FutureExt};
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

fn translate(word: String) -> BoxFuture<'static, String> {
    async move { word.to_uppercase() }.boxed()
}

#[lambda_stream::main]
async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(words).then(translate)
}
