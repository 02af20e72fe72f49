// The handler has no attribute.
// group: attribute
// marked: nothing
// verdict: no (rustc marks the end of the file), no (rustc does not know the attribute), yes
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

async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
