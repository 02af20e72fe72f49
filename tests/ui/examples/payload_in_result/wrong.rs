// The payload is taken as a `Result`, as axum passes a rejection to the handler.
// group: parameters
// marked: Result<Payload<Order>, Error>
// write: Payload<Order>
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Result<Payload<Order>, Error>, mut stream: ResponseStream) -> Result<(), Error> {
    let Payload(order) = order?;
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
