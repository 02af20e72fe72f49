// The return type was changed to `Json`, the body was not.
// group: return
// marked: count_words(&text)
// write: Json(count_words(&text))
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[lambda_stream::main]
async fn handler(Payload(text): Payload<String>) -> Json<usize> {
    count_words(&text)
}
