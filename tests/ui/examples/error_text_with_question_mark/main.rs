// event: 3
// response: 7
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, Error> {
    let left = 10_u32.checked_sub(amount).ok_or(Error::new("out of stock"))?;
    Ok(Json(left))
}
