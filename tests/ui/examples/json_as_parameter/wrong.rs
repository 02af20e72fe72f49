// The body is taken as `Json`, the type of responses.
// group: parameters
// marked: Json<Order>
// write: Payload<Order>
// verdict: yes, yes, yes
use lambda_stream::Json;
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
async fn handler(Json(order): Json<Order>) -> Json<Receipt> {
    Json(Receipt { next: order.id + 1 })
}
