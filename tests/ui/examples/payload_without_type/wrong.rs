// The pattern `Payload(…)` is written, and the type is `Payload` without its argument.
// group: parameters
// marked: Payload
// write: Payload<
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(Payload(order): Payload, mut stream: ResponseStream) -> Result<(), Error> {
    let order: Order = order;
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
