// event: 3
// response: 7
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, lambda_stream::Error> {
    10_u32
        .checked_sub(amount)
        .map(Json)
        .ok_or(lambda_stream::Error::new("out of stock"))
}
