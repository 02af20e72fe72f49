// event: "Once"
// response: Once …
use futures::stream::{self, BoxStream, StreamExt};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> BoxStream<'static, String> {
    stream::iter([prompt, " …".to_owned()]).boxed()
}
