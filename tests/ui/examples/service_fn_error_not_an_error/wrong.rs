// The error of the function is a struct without `std::error::Error`.
// group: run
// marked: service_fn(handler)
// write: impl std::error::Error for OutOfStock
// verdict: no (the call is marked, and the function must change), yes, yes
use lambda_stream::{LambdaEvent, RuntimeError, service_fn};

#[derive(Debug)]
struct OutOfStock;

async fn handler(event: LambdaEvent<u32>) -> Result<u32, OutOfStock> {
    10_u32.checked_sub(event.payload).ok_or(OutOfStock)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
