// The path ends with `::`.
// group: attribute
// marked: facade::lambda_stream::
// write: crate = facade::lambda_stream
// verdict: yes, yes, yes
use facade::lambda_stream::{Json, Payload};
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

mod facade {
    pub use lambda_stream;
}

#[lambda_stream::main(crate = facade::lambda_stream::)]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
