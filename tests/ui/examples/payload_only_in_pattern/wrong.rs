// The pattern is `Payload(…)`, and the type is that of its content.
// group: parameters
// marked: Payload(order)
// verdict: no (rustc marks the pattern, and the type is to be changed), no (rustc names no type to write), yes
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
