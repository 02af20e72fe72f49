// event: {"id":7}
// response: 7
use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

async fn handler(event: LambdaEvent<Order>) -> Result<u32, Error> {
    Ok(event.payload.id)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
