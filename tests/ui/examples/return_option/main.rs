// event: 7
// response: {"id":7}
use lambda_stream::{Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Json<Option<Order>> {
    Json((id < 100).then_some(Order { id }))
}
