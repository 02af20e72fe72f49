// event: {"price":5,"quantity":3}
// response: {"total":15}
use lambda_stream::Payload;
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

macro_rules! function {
    ($name:ident($event:ty) -> $response:ty, $body:expr) => {
        #[lambda_stream::main]
        async fn $name(Payload(event): Payload<$event>) -> $response {
            $body(event)
        }
    };
}

fn total(order: Order) -> lambda_stream::Json<Receipt> {
    let total = order.price * order.quantity;
    lambda_stream::Json(Receipt { total })
}

function!(checkout(Order) -> lambda_stream::Json<Receipt>, total);
