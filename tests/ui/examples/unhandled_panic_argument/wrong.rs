// The argument says what Tokio does after a panic.
// group: attribute
// marked: unhandled_panic = "shutdown_runtime"
// write: remove `unhandled_panic = "shutdown_runtime"`
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

#[lambda_stream::main(flavor = "current_thread", unhandled_panic = "shutdown_runtime")]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
