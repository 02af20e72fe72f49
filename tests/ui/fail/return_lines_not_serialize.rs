use futures::{Stream, stream};
use lambda_stream::ndjson::Line;

struct Row;

#[lambda_stream::main]
async fn handler() -> impl Stream<Item = Line<Row>> {
    stream::iter([Line(Row)])
}
