// event: {"price":5,"quantity":3}
// response: {"total":15}
use lambda_stream::{Json, Payload};
use serde::{Deserialize, Serialize};

trait Items {
    fn total(&self) -> u64;
}

#[derive(Deserialize)]
struct Order {
    price: u64,
    quantity: u64,
}

impl Items for Order {
    fn total(&self) -> u64 {
        self.price * self.quantity
    }
}

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout(Payload(items): Payload<Order>) -> Json<Receipt> {
    let total = items.total();
    Json(Receipt { total })
}
