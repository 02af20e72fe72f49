// event: [5,10]
// response: {"total":15}
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout(Payload(prices): Payload<[u64; 2]>) -> Json<Receipt> {
    let total = prices.iter().sum();
    Json(Receipt { total })
}
