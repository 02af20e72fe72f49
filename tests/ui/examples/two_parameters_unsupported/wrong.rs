// Neither parameter implements `Deserialize`.
// group: parameters
// marked: Order
// write: #[derive(serde::Deserialize)]
// marked: Customer
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Order {
    id: u32,
}

struct Customer {
    name: String,
}

#[lambda_stream::main]
async fn handler(order: Order, customer: Customer, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("order {} of {}", order.id, customer.name);
    stream.write(text).await?;
    Ok(())
}
