// event: {"detail":{"id":7}}
// response: order 7
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Envelope<T> {
    detail: T,
}

#[derive(serde::Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: Envelope<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", event.detail.id)).await?;
    Ok(())
}
