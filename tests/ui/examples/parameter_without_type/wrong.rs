// The parameter has no type, as in JavaScript and Python.
// group: signature
// marked: )
// verdict: no (rustc marks the end of the parameter), no (rustc does not know the type), yes
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
async fn checkout(order) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}
