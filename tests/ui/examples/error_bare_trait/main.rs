// event: "7"
// response: 7
use std::error::Error;

use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn parse(Payload(number): Payload<String>) -> Result<Json<u32>, Box<dyn Error>> {
    Ok(Json(number.parse()?))
}
