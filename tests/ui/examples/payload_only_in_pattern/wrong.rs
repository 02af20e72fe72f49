// The pattern is `Payload(…)`, and the type is that of its content.
// group: parameters
// marked: Payload(order)
// write: Payload<Order>
// verdict: no (rustc marks the pattern), no (rustc names `Payload<_>`), yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(Payload(order): Order, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
