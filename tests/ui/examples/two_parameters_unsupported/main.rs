// event: {"id":7,"name":"Ada"}
// response: order 7 of Ada
use lambda_stream::{Error, ResponseStream};

#[derive(serde::Deserialize)]
struct Order {
    id: u32,
    #[serde(flatten)]
    customer: Customer,
}

#[derive(serde::Deserialize)]
struct Customer {
    name: String,
}

#[lambda_stream::main]
async fn handler(order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("order {} of {}", order.id, order.customer.name);
    stream.write(text).await?;
    Ok(())
}
