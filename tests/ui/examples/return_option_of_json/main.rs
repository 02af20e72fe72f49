// event: 7
// response: {"id":7}
use lambda_stream::{Error, Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<Option<Order>>, Error> {
    Ok(Json((id < 100).then_some(Order { id })))
}
