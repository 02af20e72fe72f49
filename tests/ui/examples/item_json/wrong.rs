// `Json` is a whole response, and not an item.
// group: streams
// marked: Json<Token>
// verdict: yes, no (the hint is `Line<Json<Token>>`, and `Json` does not implement `Serialize`), yes
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
