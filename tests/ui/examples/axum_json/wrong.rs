// The body is taken as axum's `Json`.
// group: parameters
// marked: Json<Order>
// write: Payload<Order>
// verdict: yes, yes, yes
use axum::Json;
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Json<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
