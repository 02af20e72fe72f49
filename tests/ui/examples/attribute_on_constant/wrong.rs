// The attribute is on a constant with the handler.
// group: attribute
// marked: #[lambda_stream::main]
// write: async fn
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

fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}

#[lambda_stream::main]
static HANDLER: fn(Payload<Order>) -> Json<Receipt> = checkout;
