// The handler is in a module.
// group: attribute
// marked: checkout
// write: root module
// verdict: yes, yes, no (the compiler also reports that `main` is missing)
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

mod handlers {
    use super::{Order, Receipt};
    use lambda_stream::{Json, Payload};

    #[lambda_stream::main]
    pub async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    }
}
