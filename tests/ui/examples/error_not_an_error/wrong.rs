// The error is a struct without `std::error::Error`.
// group: return
// marked: OutOfStock
// write: impl std::error::Error for OutOfStock
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};

#[derive(Debug)]
struct OutOfStock;

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, OutOfStock> {
    10_u32.checked_sub(amount).map(Json).ok_or(OutOfStock)
}
