//! A function that takes a `Payload` and returns it as JSON: `{"item": "tea", "count": 2}`.

use lambda_stream::{Json, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    item: String,
    #[serde(default = "one")]
    count: u32,
}

fn one() -> u32 {
    1
}

#[lambda_stream::main(logging = false)]
async fn payload(Payload(order): Payload<Order>) -> Json<Order> {
    Json(order)
}
