// event: "Ada"
// response: 3
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn measure(Payload(name): Payload<String>) -> Json<usize> {
    Json(name.len())
}
