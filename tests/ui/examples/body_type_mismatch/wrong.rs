// A type in the body is wrong.
// group: signature
// marked: (order.price * order.quantity).to_string()
// verdict: yes, no (rustc names the two types, and does not know which one is meant), yes
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
    Json(Receipt {
        total: (order.price * order.quantity).to_string(),
    })
}
