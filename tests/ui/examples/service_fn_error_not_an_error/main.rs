// event: 3
// response: 7
use lambda_stream::{LambdaEvent, RuntimeError, service_fn};

#[derive(Debug)]
struct OutOfStock;

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of stock")
    }
}

impl std::error::Error for OutOfStock {}

async fn handler(event: LambdaEvent<u32>) -> Result<u32, OutOfStock> {
    10_u32.checked_sub(event.payload).ok_or(OutOfStock)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(handler)).await
}
