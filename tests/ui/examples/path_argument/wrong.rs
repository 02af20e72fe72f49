// The attribute has a route, as in actix and Rocket.
// group: attribute
// marked: path = "/orders"
// write: remove `path = "/orders"`
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

#[lambda_stream::main(path = "/orders")]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
