// The handler is an associated function.
// group: attribute
// marked: checkout
// verdict: yes, no (rustc says only that the function is associated), no (rustc also reports that `main` is missing)
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

impl Checkout {
    #[lambda_stream::main]
    async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    }
}
