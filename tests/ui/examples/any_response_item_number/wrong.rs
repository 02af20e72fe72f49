// The items of `AnyResponse::stream` are numbers.
// group: streams
// marked: stream::iter(numbers)
// write: ndjson::Line
// verdict: yes, yes, yes
use futures::stream;
use lambda_stream::{AnyResponse, Json, Payload};

#[lambda_stream::main]
async fn squares(Payload(numbers): Payload<Vec<u32>>) -> AnyResponse {
    match numbers.len() {
        0 => Json("no numbers").into(),
        _ => AnyResponse::stream(stream::iter(numbers)),
    }
}
