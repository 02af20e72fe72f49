// A closure returns its value without `Json`.
// group: run
// marked: async |Payload(prices): Payload<Vec<u64>>| Total { sum: prices.iter().sum() }
// verdict: yes, no (the message says only that the return type is not supported), yes
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
