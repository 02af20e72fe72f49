// event: ["1", "2"]
// response: 1\n2\n
use std::num::ParseIntError;

use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, ndjson};

#[lambda_stream::main]
async fn parse(Payload(numbers): Payload<Vec<String>>) -> impl Stream<Item = Result<ndjson::Line<u32>, ParseIntError>> {
    stream::iter(numbers).map(|number| number.parse().map(ndjson::Line))
}
