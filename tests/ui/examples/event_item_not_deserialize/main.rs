// event: [{"id":7},{"id":8}]
// response: 7;8;
use lambda_stream::{Error, ResponseStream};

#[derive(serde::Deserialize)]
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
