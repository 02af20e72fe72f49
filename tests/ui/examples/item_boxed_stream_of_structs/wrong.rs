// The items of a boxed stream are records.
// group: streams
// marked: Row
// write: ndjson::Line<Row>
// verdict: yes, yes, yes
use futures::stream::{self, BoxStream, StreamExt};
use lambda_stream::{Error, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> Result<BoxStream<'static, Row>, Error> {
    Ok(stream::iter((1..=last).map(|id| Row { id })).boxed())
}
