// A handler returns a list of records.
// group: return
// marked: Vec<Order>
// write: Json<Vec<Order>>
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    id: u32,
    paid: bool,
}

#[lambda_stream::main]
async fn unpaid(Payload(orders): Payload<Vec<Order>>) -> Result<Vec<Order>, Error> {
    Ok(orders.into_iter().filter(|order| !order.paid).collect())
}
