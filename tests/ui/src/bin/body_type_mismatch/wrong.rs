// A type in the body is wrong.
// group: signature
// marked: order.price * order.quantity
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    price: u64,
    quantity: u64,
}

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total: u32 = order.price * order.quantity;
    Json(Receipt { total })
}
