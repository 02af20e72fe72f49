// The stream yields one batch of rows after the other.
// group: streams
// marked: Vec<Row>
// write: ndjson::Line<Vec<Row>>
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> impl Stream<Item = Vec<Row>> {
    stream::iter((1..=last).map(|id| Row { id })).chunks(2)
}
