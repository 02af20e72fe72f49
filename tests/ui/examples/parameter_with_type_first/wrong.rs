// The type is before the name, as in Java.
// group: signature
// marked: order
// verdict: yes, no (rustc says `<identifier>: <type>` without the names), yes
use lambda_stream::Json;
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
async fn checkout(Order order) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
