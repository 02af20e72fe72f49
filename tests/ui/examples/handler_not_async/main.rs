// event: {"price":5,"quantity":3}
// response: {"total":15}
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
async fn handler(order: Order) -> Json<Receipt> {
    Json(Receipt {
        total: order.price * order.quantity,
    })
}
