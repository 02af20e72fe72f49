// The attribute sets the memory of the function.
// group: attribute
// marked: memory = 512
// write: remove `memory = 512`
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

#[lambda_stream::main(memory = 512)]
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
