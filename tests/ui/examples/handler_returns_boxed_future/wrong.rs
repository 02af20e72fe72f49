// The function returns a boxed future, as of a trait without async functions.
// group: signature
// marked: fn
// write: async fn checkout
// verdict: yes, yes, yes
use futures::future::BoxFuture;
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
fn checkout(Payload(order): Payload<Order>) -> BoxFuture<'static, Json<Receipt>> {
    Box::pin(async move {
        let total = order.price * order.quantity;
        Json(Receipt { total })
    })
}
