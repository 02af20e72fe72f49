// event: [1, 2]
// response: 1\n2\n
use futures::{StreamExt, stream};
use lambda_stream::{AnyResponse, Json, Payload, ndjson};

#[lambda_stream::main]
async fn squares(Payload(numbers): Payload<Vec<u32>>) -> AnyResponse {
    match numbers.len() {
        0 => Json("no numbers").into(),
        _ => AnyResponse::stream(stream::iter(numbers).map(ndjson::Line)),
    }
}
