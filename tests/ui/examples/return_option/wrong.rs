// A handler returns `None` for a missing value.
// group: return
// marked: Option<Order>
// write: Option<Order>
// verdict: yes, yes, yes
use lambda_stream::Payload;
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Option<Order> {
    (id < 100).then_some(Order { id })
}
