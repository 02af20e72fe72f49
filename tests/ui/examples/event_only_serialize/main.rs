// event: {"id":7}
// response: {"id":7}
use lambda_stream::Json;
use serde::Serialize;

#[derive(serde::Deserialize, Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order) -> Json<Order> {
    Json(Order { id: order.id })
}
