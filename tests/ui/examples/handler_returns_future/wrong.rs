// The function is not async, and returns a future.
// group: signature
// marked: fn
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

#[lambda_stream::main]
fn checkout(Payload(order): Payload<Order>) -> impl Future<Output = Json<Receipt>> {
    async move {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    }
}
