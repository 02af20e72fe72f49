// A closure returns its value without `Json`.
// group: run
// marked: async |Payload(prices): Payload<Vec<u64>>| Total { sum: prices.iter().sum() }
// write: Json<Total>
// verdict: yes, yes, yes
use lambda_stream::{Payload, RuntimeError};
use serde::Serialize;

#[derive(Serialize)]
struct Total {
    sum: u64,
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(async |Payload(prices): Payload<Vec<u64>>| Total { sum: prices.iter().sum() }).await
}
