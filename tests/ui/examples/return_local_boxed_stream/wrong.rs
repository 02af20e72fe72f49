// `boxed_local` is used in place of `boxed`.
// group: streams
// marked: LocalBoxStream<'static, String>
// verdict: yes, no (the compiler says that the `dyn Stream` is not `Send`, and not how to write one that is), yes
use futures::stream::{self, LocalBoxStream, StreamExt};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> LocalBoxStream<'static, String> {
    stream::iter([prompt, " …".to_owned()]).boxed_local()
}
