// The handler is in the body of `main`.
// group: attribute
// marked: checkout
// write: root module
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

fn main() {
    #[lambda_stream::main]
    async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    }
}
