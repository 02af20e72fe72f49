// The type of the payload does not implement `Deserialize`.
// group: parameters
// marked: Payload<Order>
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};

struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(Payload(order): Payload<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
