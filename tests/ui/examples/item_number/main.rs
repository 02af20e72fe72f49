// event: 3
// response: 3\n2\n1\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, ndjson};

#[lambda_stream::main]
async fn count_down(Payload(from): Payload<u32>) -> impl Stream<Item = ndjson::Line<u32>> {
    stream::iter((1..=from).rev()).map(ndjson::Line)
}
