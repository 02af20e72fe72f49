// event: {"id":7}
// response: order 7
use lambda_stream::{Error, Payload, ResponseStream};

#[derive(serde::Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(Payload(order): Payload<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
