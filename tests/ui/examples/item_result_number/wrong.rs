// The stream yields numbers or an error.
// group: streams
// marked: u32
// write: ndjson::Line<u32>
// verdict: yes, yes, yes
use std::num::ParseIntError;

use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn parse(Payload(numbers): Payload<Vec<String>>) -> impl Stream<Item = Result<u32, ParseIntError>> {
    stream::iter(numbers).map(|number| number.parse())
}
