// `Json` is inside of the `Option`, not around it.
// group: return
// marked: Option<Json<Order>>
// write: Json<Option<Order>>
// verdict: yes, yes, yes
use lambda_stream::{Error, Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Option<Json<Order>>, Error> {
    Ok((id < 100).then_some(Json(Order { id })))
}
