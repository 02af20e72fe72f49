// event: 3
// response: 7
use lambda_stream::{Json, Payload};

#[derive(Debug)]
struct OutOfStock;

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of stock")
    }
}

impl std::error::Error for OutOfStock {}

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, OutOfStock> {
    10_u32.checked_sub(amount).map(Json).ok_or(OutOfStock)
}
