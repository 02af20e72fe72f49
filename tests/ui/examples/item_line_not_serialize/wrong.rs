// The value of a line cannot be serialized.
// group: streams
// marked: Line<Row>
// write: #[derive(serde::Serialize)]
// verdict: no (the item is marked, and its value `Row` must change), yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use lambda_stream::ndjson::Line;

struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> impl Stream<Item = Line<Row>> {
    stream::iter(1..=last).map(|id| Line(Row { id }))
}
