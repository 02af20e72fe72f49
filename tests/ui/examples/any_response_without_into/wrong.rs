// One arm of a `match` returns `Json` itself.
// group: return
// marked: Json("no numbers")
// write: .into()
// verdict: yes, yes, yes
use futures::{StreamExt, stream};
use lambda_stream::{AnyResponse, Json, Payload, ndjson};

#[lambda_stream::main]
async fn squares(Payload(numbers): Payload<Vec<u32>>) -> AnyResponse {
    match numbers.len() {
        0 => Json("no numbers"),
        _ => AnyResponse::stream(stream::iter(numbers).map(ndjson::Line)),
    }
}
