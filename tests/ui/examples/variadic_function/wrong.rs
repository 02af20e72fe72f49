// The function takes any number of arguments.
// group: signature
// marked: args: ...
// write: remove `args: ...`
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
async fn checkout(Payload(order): Payload<Order>, args: ...) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
