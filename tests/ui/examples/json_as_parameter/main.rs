// event: {"id":7}
// response: {"next":8}
use lambda_stream::{Json, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[derive(Serialize)]
struct Receipt {
    next: u32,
}

#[lambda_stream::main]
async fn handler(Payload(order): Payload<Order>) -> Json<Receipt> {
    Json(Receipt { next: order.id + 1 })
}
