// The attribute has a `!`, as the attributes at the start of a file.
// group: attribute
// marked: #![lambda_stream::main]
// write: #[lambda_stream::main]
// verdict: yes, yes, yes
#![lambda_stream::main]

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
