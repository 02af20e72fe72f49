// event: 4
// response: 16
use lambda_stream::{Json, Payload};

async fn square(number: u32) -> Json<u32> {
    Json(number * number)
}

#[lambda_stream::main]
async fn handler(Payload(number): Payload<u32>) -> Json<u32> {
    square(number).await
}
