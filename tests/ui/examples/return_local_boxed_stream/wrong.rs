// `boxed_local` is used in place of `boxed`.
// group: streams
// marked: LocalBoxStream<'static, String>
// write: BoxStream<'static, String>
// verdict: yes, yes, yes
use futures::stream::{self, LocalBoxStream, StreamExt};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> LocalBoxStream<'static, String> {
    stream::iter([prompt, " …".to_owned()]).boxed_local()
}
