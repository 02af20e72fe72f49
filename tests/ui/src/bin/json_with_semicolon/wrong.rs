// A semicolon follows the returned value.
// marked: Json<usize>
// write: Json<usize>
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn measure(Payload(name): Payload<String>) -> Json<usize> {
    Json(name.len());
}
