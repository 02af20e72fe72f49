// The name of the package has a hyphen, the name of the crate does not.
// group: attribute
// marked: lambda-stream
// write: crate = lambda_stream
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

#[lambda_stream::main(crate = lambda-stream)]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
