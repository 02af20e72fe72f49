// The stream yields serializable records.
// group: streams
// marked: Token
// write: ndjson::Line<Token>
// verdict: yes, yes, yes
use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Token {
    text: String,
}

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<String>) -> impl Stream<Item = Token> {
    stream::iter([prompt, "…".to_owned()]).map(|text| Token { text })
}
