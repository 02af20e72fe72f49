// `Json` is inside of the `Option`, not around it.
// group: return
// marked: Option<Json<Order>>
// verdict: yes, no (the hint wraps the `Option` and the `Json` in it in another `Json`, which does not compile), yes
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
