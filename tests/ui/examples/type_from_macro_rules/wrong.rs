// A `macro_rules!` macro makes the handler, and its return type is not a response.
// group: signature
// marked: Receipt
// write: lambda_stream::Json<Receipt>
// verdict: yes, yes, yes
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

fn total(order: Order) -> Receipt {
    let total = order.price * order.quantity;
    Receipt { total }
}

function!(checkout(Order) -> Receipt, total);
