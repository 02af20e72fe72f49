// event: 15
// response: {"total":15}
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout(Payload(price): Payload<u64>) -> Json<Receipt> {
    let total = price;
    Json(Receipt { total })
}
