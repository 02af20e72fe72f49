// A handler returns a boxed stream that is not pinned, so it is no stream.
// group: streams
// marked: Box<dyn Stream<Item = String> + Send>
// write: Pin<Box<dyn Stream<Item = String> + Send>>
// verdict: yes, yes, yes
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> Box<dyn Stream<Item = String> + Send> {
    Box::new(stream::iter([prompt, " …".to_owned()]))
}
