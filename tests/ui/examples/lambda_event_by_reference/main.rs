// event: {"id":7}
// response: order 7
use lambda_stream::{Error, LambdaEvent, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("order {}", event.payload.id)).await?;
    Ok(())
}
