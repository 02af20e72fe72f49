// The error is the trait, without a box.
// group: return
// marked: Error
// verdict: yes, no (the suggestion `dyn Error` leads to the next error, because it lacks the box), yes
use std::error::Error;

use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn parse(Payload(number): Payload<String>) -> Result<Json<u32>, Error> {
    Ok(Json(number.parse()?))
}
