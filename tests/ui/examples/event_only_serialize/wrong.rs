// The event derives `Serialize`, not `Deserialize`.
// group: parameters
// marked: Order
// write: serde::Deserialize
// verdict: yes, yes, yes
use lambda_stream::Json;
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order) -> Json<Order> {
    Json(Order { id: order.id })
}
