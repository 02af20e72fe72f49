// A handler returns a struct that cannot be serialized.
// group: return
// marked: Summary
// write: Json<Summary>
// verdict: yes, no (the hint `Json<Summary>` leads to the next error, which says to derive `Serialize`), yes
use lambda_stream::{Error, Payload};

struct Summary {
    words: usize,
}

#[lambda_stream::main]
async fn summarize(Payload(text): Payload<String>) -> Result<Summary, Error> {
    Ok(Summary {
        words: text.split_whitespace().count(),
    })
}
