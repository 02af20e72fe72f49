// event: [1, 2, 3]
// response: 6
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn total(Payload(prices): Payload<Vec<u64>>) -> Json<u64> {
    Json(prices.iter().sum())
}
