// The stream yields what `json!` makes, in a `Result`.
// group: streams
// marked: Value
// write: ndjson::Line<Value>
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Error, Payload};
use serde_json::{Value, json};

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> impl Stream<Item = Result<Value, Error>> {
    stream::iter(1..=steps).map(|step| Ok(json!({ "step": step })))
}
