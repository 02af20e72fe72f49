// event: ["Ada", "Bob"]
// response: Hello, Ada!\nHello, Bob!\n
use std::sync::Arc;

use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn greet(Payload(names): Payload<Vec<String>>) -> impl Stream<Item = String> {
    let greeting: Arc<str> = Arc::from("Hello");
    stream::iter(names).map(move |name| format!("{greeting}, {name}!\n"))
}
