// A handler returns a trait object without `+ Send`.
// group: streams
// marked: Pin<Box<dyn Stream<Item = String>>>
// verdict: yes, no (the compiler says that the `dyn Stream` is not `Send`, and not how to write one that is), yes
use std::pin::Pin;

use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> Pin<Box<dyn Stream<Item = String>>> {
    Box::pin(stream::iter([prompt, " …".to_owned()]))
}
