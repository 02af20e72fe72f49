// event: "one two three"
// response: {"words":3}
use lambda_stream::{Error, Json, Payload};

#[derive(serde::Serialize)]
struct Summary {
    words: usize,
}

#[lambda_stream::main]
async fn summarize(Payload(text): Payload<String>) -> Result<Json<Summary>, Error> {
    Ok(Json(Summary {
        words: text.split_whitespace().count(),
    }))
}
