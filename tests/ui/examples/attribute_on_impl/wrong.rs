// The attribute is on the `impl` of the handler.
// group: attribute
// marked: #[lambda_stream::main]
// write: async fn checkout
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

struct Checkout;

#[lambda_stream::main]
impl Checkout {
    async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    }
}
