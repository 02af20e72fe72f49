// The attribute is on a closure.
// group: attribute
// marked: #[lambda_stream::main]
// verdict: yes, no (rustc does not name the handler), no (the macro repeats the error of rustc)
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

fn main() {
    #[lambda_stream::main]
    let checkout = async |Payload(order): Payload<Order>| {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    };
}
