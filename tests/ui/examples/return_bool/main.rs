// event: 4
// response: true
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn is_even(Payload(number): Payload<u32>) -> Result<Json<bool>, Error> {
    Ok(Json(number % 2 == 0))
}
