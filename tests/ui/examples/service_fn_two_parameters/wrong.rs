// The event and the context are two parameters, as with early versions of `lambda_runtime`.
// group: run
// marked: handler
// verdict: no (the argument is marked, and a label marks the function), no (the compiler only counts the parameters), yes
use lambda_stream::{Context, Error, RuntimeError, service_fn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

async fn handler(order: Order, _context: Context) -> Result<u32, Error> {
    Ok(order.id)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
