// A handler returns the bytes of a document.
// group: return
// marked: Vec<u8>
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

fn render(order: &Order) -> Vec<u8> {
    format!("Invoice for order {}", order.id).into_bytes()
}

#[lambda_stream::main]
async fn invoice(Payload(order): Payload<Order>) -> Result<Vec<u8>, Error> {
    Ok(render(&order))
}
