// event: {"id":7}
// response: order 7
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut body: ResponseStream) -> Result<(), Error> {
    body.write(format!("order {}", order.id)).await?;
    Ok(())
}
