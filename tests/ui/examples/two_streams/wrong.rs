// The handler takes two streams, one for each kind of output.
// group: parameters
// marked: ResponseStream
// write: remove
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Order, mut body: ResponseStream, _log: ResponseStream) -> Result<(), Error> {
    body.write(format!("order {}", order.id)).await?;
    Ok(())
}
