// event: 3
// response: [{"id":1},{"id":2}]\n[{"id":3}]\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, ndjson};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> impl Stream<Item = ndjson::Line<Vec<Row>>> {
    stream::iter((1..=last).map(|id| Row { id }))
        .chunks(2)
        .map(ndjson::Line)
}
