// The handler is a function without `async`.
// group: signature
// marked: fn
// write: async fn handler
// verdict: yes, yes, yes
use lambda_stream::Json;
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
fn handler(order: Order) -> Json<Receipt> {
    Json(Receipt {
        total: order.price * order.quantity,
    })
}
