// A handler returns a serializable struct.
// group: return
// marked: Summary
// write: Json<Summary>
// verdict: yes, yes, yes
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Summary {
    words: usize,
}

#[lambda_stream::main]
async fn summarize(Payload(text): Payload<String>) -> Summary {
    Summary {
        words: text.split_whitespace().count(),
    }
}
