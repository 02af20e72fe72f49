// event: 3
// response: 3\n2\n1\n
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn count_down(Payload(from): Payload<u32>) -> impl Stream<Item = String> {
    stream::iter((1..=from).rev().map(|number| format!("{number}\n")))
}
