// The event is taken by mutable reference to be changed in place.
// group: parameters
// marked: &mut Order
// write: mut order: Order
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    items: Vec<u32>,
}

#[lambda_stream::main]
async fn handler(order: &mut Order, mut stream: ResponseStream) -> Result<(), Error> {
    order.items.sort();
    stream.write(format!("{:?}", order.items)).await?;
    Ok(())
}
