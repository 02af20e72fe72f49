// A handler returns an iterator as its stream.
// group: streams
// marked: impl Iterator<Item = String>
// write: stream::iter
// verdict: yes, yes, yes
use lambda_stream::Payload;

#[lambda_stream::main]
async fn count_down(Payload(from): Payload<u32>) -> impl Iterator<Item = String> {
    (1..=from).rev().map(|number| format!("{number}\n"))
}
