// The attribute reports the errors of its arguments and of the function together.
// group: attribute
// marked: "multithread"
// write: flavor = "multi_thread"
// marked: "4"
// write: worker_threads = 4
// marked: timeout = "30s"
// write: remove `timeout = "30s"`
// marked: #[tokio::main]
// write: remove `#[tokio::main]`
// marked: fn
// write: async fn checkout
// marked: unsafe
// write: remove `unsafe`
// marked: extern "C"
// write: remove `extern "C"`
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

#[lambda_stream::main(flavor = "multithread", worker_threads = "4", timeout = "30s")]
#[tokio::main]
unsafe extern "C" fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
