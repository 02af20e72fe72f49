// event: [1, 2]
// response: {"sum":3}
use lambda_stream::{Json, Payload, RuntimeError};
use serde::Serialize;

#[derive(Serialize)]
struct Total {
    sum: u64,
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(async |Payload(prices): Payload<Vec<u64>>| -> Json<Total> {
        Json(Total {
            sum: prices.iter().sum(),
        })
    })
    .await
}
