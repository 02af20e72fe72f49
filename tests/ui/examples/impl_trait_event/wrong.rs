// The event is `impl Trait`, as a parameter of another function.
// group: signature
// marked: impl Items
// verdict: yes, no (the concrete type is not known), yes
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
async fn checkout(Payload(items): Payload<impl Items>) -> Json<Receipt> {
    let total = items.total();
    Json(Receipt { total })
}
