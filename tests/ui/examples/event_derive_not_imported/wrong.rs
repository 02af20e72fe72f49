// `Deserialize` is derived without an import.
// group: parameters
// marked: Deserialize
// write: use serde::Deserialize;
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", order.id)).await?;
    Ok(())
}
