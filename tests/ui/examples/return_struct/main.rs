// event: "one two three"
// response: {"words":3}
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Summary {
    words: usize,
}

#[lambda_stream::main]
async fn summarize(Payload(text): Payload<String>) -> Json<Summary> {
    Json(Summary {
        words: text.split_whitespace().count(),
    })
}
