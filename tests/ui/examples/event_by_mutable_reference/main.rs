// event: {"items":[3,1,2]}
// response: [1, 2, 3]
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    items: Vec<u32>,
}

#[lambda_stream::main]
async fn handler(mut order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    order.items.sort();
    stream.write(format!("{:?}", order.items)).await?;
    Ok(())
}
