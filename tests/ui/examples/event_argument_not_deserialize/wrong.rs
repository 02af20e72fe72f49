// The type argument of a generic event does not implement `Deserialize`.
// group: parameters
// marked: Envelope<Order>
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Envelope<T> {
    detail: T,
}

struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: Envelope<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", event.detail.id)).await?;
    Ok(())
}
