// event: 2
// response: {"id":1}\n{"id":2}\n
use futures::stream::{self, BoxStream, StreamExt};
use lambda_stream::{Error, Payload, ndjson};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    id: u32,
}

#[lambda_stream::main]
async fn rows(Payload(last): Payload<u32>) -> Result<BoxStream<'static, ndjson::Line<Row>>, Error> {
    Ok(stream::iter((1..=last).map(|id| ndjson::Line(Row { id }))).boxed())
}
