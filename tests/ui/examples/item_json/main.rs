// event: "Once"
// response: {"text":"Once"}\n{"text":"…"}\n
use futures::{Stream, StreamExt, stream};
use lambda_stream::{Payload, ndjson};
use serde::Serialize;

#[derive(Serialize)]
struct Token {
    text: String,
}

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> impl Stream<Item = ndjson::Line<Token>> {
    stream::iter([prompt, "…".to_owned()]).map(|text| ndjson::Line(Token { text }))
}
