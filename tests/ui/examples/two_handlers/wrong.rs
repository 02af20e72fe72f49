// Two functions have the attribute, to have two handlers in one binary.
// group: attribute
// marked: #[lambda_stream::main]
// write: src/bin/refund.rs
// verdict: no (the macro sees only the handler and its attribute), yes, yes
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
    let total = order.price * order.quantity;
    Json(Receipt { total })
}

#[derive(Deserialize)]
struct Refund {
    amount: u64,
}

#[lambda_stream::main]
async fn refund(Payload(refund): Payload<Refund>) -> Json<Receipt> {
    Json(Receipt { total: refund.amount })
}
