// response: Hello
use futures::{Stream, StreamExt, stream};

#[lambda_stream::main]
async fn type_slowly() -> impl Stream<Item = String> {
    stream::iter("Hello".chars()).map(String::from)
}
