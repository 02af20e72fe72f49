// The payload of a `LambdaEvent` does not implement `Deserialize`.
// group: parameters
// marked: LambdaEvent<Order>
// write: #[derive(serde::Deserialize)]
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent, ResponseStream};

struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", event.payload.id)).await?;
    Ok(())
}
