// The event is a list of a type that does not implement `Deserialize`.
// group: parameters
// marked: Vec<Order>
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(orders: Vec<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    for order in orders {
        stream.write(format!("{};", order.id)).await?;
    }
    Ok(())
}
