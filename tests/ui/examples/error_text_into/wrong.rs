// A text is converted with `into`, as to the `Error` of `lambda_runtime`.
// group: return
// marked: into
// verdict: yes, no (the compiler says that `str` is no `std::error::Error`), yes
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<u32>, Error> {
    if id > 100 {
        return Err("no such order".into());
    }
    Ok(Json(id))
}
