// event: 4
// response: 16
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn square(Payload(number): Payload<u32>) -> Json<u32> {
    Box::pin(async move { Json(number * number) }).await
}
