// The attribute takes the place of `#[tokio::main]`, and `main` still runs the handler.
// group: attribute
// marked: lambda_stream::run(checkout)
// write: remove `main`
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

async fn checkout(Payload(order): Payload<Order>) -> Json<Receipt> {
    let total = order.price * order.quantity;
    Json(Receipt { total })
}

#[lambda_stream::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    lambda_stream::run(checkout).await
}
