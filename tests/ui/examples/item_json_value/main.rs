// event: 2
// response: {"step":1}\n{"step":2}\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Error, Payload, ndjson};
use serde_json::{Value, json};

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> impl Stream<Item = Result<ndjson::Line<Value>, Error>> {
    stream::iter(1..=steps).map(|step| Ok(ndjson::Line(json!({ "step": step }))))
}
