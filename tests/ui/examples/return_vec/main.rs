// event: [{"id":1,"paid":true},{"id":2,"paid":false}]
// response: [{"id":2,"paid":false}]
use lambda_stream::{Error, Json, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    id: u32,
    paid: bool,
}

#[lambda_stream::main]
async fn unpaid(Payload(orders): Payload<Vec<Order>>) -> Result<Json<Vec<Order>>, Error> {
    Ok(Json(orders.into_iter().filter(|order| !order.paid).collect()))
}
