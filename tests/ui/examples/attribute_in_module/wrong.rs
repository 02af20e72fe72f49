// The handler is in a module.
// group: attribute
// marked: nothing
// verdict: no (rustc first marks the end of the file), no (the second error says it), no (rustc reports that `main` is missing, and the attribute why)
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
