// event: [1, 2]
// response: 3
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn total(Payload(prices): Payload<Vec<u64>>) -> Json<u64> {
    Json(prices.iter().sum::<u64>())
}
