// event: "one two"
// response: 2
use lambda_stream::{Json, Payload};

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[lambda_stream::main]
async fn handler(Payload(text): Payload<String>) -> Json<usize> {
    Json(count_words(&text))
}
