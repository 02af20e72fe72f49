// The text of an error is returned in place of an `Error`.
// group: return
// marked: "no such order"
// verdict: yes, no (the compiler does not know `Error::new`), yes
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<u32>, Error> {
    if id > 100 {
        return Err("no such order");
    }
    Ok(Json(id))
}
