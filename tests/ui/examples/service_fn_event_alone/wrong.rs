// The parameter is the event, and not a `LambdaEvent`.
// group: run
// marked: handler
// write: LambdaEvent<
// verdict: no (the argument is marked, and a label marks the function), yes, yes
use lambda_stream::{Error, RuntimeError, service_fn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

async fn handler(order: Order) -> Result<u32, Error> {
    Ok(order.id)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
