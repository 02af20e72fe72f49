// The path is the module that re-exports the library, and not the library.
// group: attribute
// marked: facade
// verdict: yes, no (rustc says only that the library is not there), yes
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

#[lambda_stream::main(crate = facade)]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
