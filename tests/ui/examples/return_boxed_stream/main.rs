// event: "Once upon a time"
// response: Once upon a time …
use std::pin::Pin;

use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> Pin<Box<dyn Stream<Item = String> + Send>> {
    Box::pin(stream::iter([prompt, " …".to_owned()]))
}
