// `?` is used on a `Result` whose error is a text.
// group: return
// marked: ?
// verdict: yes, no (the compiler says that `str` is no `std::error::Error`), yes
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, Error> {
    let left = 10_u32.checked_sub(amount).ok_or("out of stock")?;
    Ok(Json(left))
}
