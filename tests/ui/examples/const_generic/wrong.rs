// The number of items is a const parameter.
// group: signature
// marked: const ITEMS: usize
// verdict: yes, no (the value is not known), yes
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout<const ITEMS: usize>(Payload(prices): Payload<[u64; ITEMS]>) -> Json<Receipt> {
    let total = prices.iter().sum();
    Json(Receipt { total })
}
