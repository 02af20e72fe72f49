// event: 2
// response: {"id":1}\n{"id":2}\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use lambda_stream::ndjson::Line;

#[derive(serde::Serialize)]
struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> impl Stream<Item = Line<Row>> {
    stream::iter(1..=last).map(|id| Line(Row { id }))
}
