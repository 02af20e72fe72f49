// A semicolon follows the returned value.
// group: return
// marked: { Json(name.len()); }
// write: Json<usize>
// verdict: no (the compiler marks the body, and labels the semicolon), yes, yes
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn measure(Payload(name): Payload<String>) -> Json<usize> {
    Json(name.len());
}
