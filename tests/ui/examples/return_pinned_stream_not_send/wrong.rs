// A handler returns a trait object without `+ Send`.
// group: streams
// marked: Pin<Box<dyn Stream<Item = String>>>
// write: + Send
// verdict: yes, yes, yes
use std::pin::Pin;

use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> Pin<Box<dyn Stream<Item = String>>> {
    Box::pin(stream::iter([prompt, " …".to_owned()]))
}
