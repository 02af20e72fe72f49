// event: {"id":7}
// response: Invoice for order 7
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

fn render(order: &Order) -> Vec<u8> {
    format!("Invoice for order {}", order.id).into_bytes()
}

#[lambda_stream::main]
async fn invoice(Payload(order): Payload<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(render(&order)).await?;
    Ok(())
}
