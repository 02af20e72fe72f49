// The stream yields numbers.
// group: streams
// marked: u32
// write: ndjson::Line<u32>
// verdict: yes, yes, yes
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn count_down(Payload(from): Payload<u32>) -> impl Stream<Item = u32> {
    stream::iter((1..=from).rev())
}
