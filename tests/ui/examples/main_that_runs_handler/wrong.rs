// `main` runs the handler, as without the attribute.
// group: attribute
// marked: #[lambda_stream::main]
// write: remove it
// verdict: no (the macro sees only the handler and its attribute), yes, yes
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
async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}

#[tokio::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    lambda_stream::run(checkout).await
}
