// A handler returns a map.
// group: return
// marked: HashMap<String, usize>
// write: Json<HashMap<String, usize>>
// verdict: yes, yes, yes
use std::collections::HashMap;

use lambda_stream::Payload;

#[lambda_stream::main]
async fn count_words(Payload(text): Payload<String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}
