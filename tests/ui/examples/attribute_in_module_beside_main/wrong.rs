// The handler is in a module, and `main` is empty, because the compiler requires it.
// group: attribute
// marked: checkout
// write: root module
// verdict: yes, yes, yes
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

fn main() {}
