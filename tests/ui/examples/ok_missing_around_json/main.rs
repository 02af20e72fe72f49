// event: "Ada"
// response: 3
use lambda_stream::{Error, Json, Payload};

#[lambda_stream::main]
async fn measure(Payload(name): Payload<String>) -> Result<Json<usize>, Error> {
    Ok(Json(name.len()))
}
