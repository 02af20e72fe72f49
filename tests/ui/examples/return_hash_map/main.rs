// event: "no no no"
// response: {"no":3}
use std::collections::HashMap;

use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn count_words(Payload(text): Payload<String>) -> Json<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Json(counts)
}
