// event: 7
// response: 7
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<u32>, Error> {
    if id > 100 {
        return Err(Error::new("no such order"));
    }
    Ok(Json(id))
}
