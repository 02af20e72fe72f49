// `Json` is a whole response, and not an item.
// group: streams
// marked: Json<Token>
// write: ndjson::Line<Token>
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Token {
    text: String,
}

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> impl Stream<Item = Json<Token>> {
    stream::iter([prompt, "…".to_owned()]).map(|text| Json(Token { text }))
}
