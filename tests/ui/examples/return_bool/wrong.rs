// A handler returns whether it succeeded.
// group: return
// marked: bool
// write: Json<bool>
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload};

#[lambda_stream::main]
async fn is_even(Payload(number): Payload<u32>) -> Result<bool, Error> {
    Ok(number % 2 == 0)
}
