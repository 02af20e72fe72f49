// request: POST / 7
// status: 201
// response: {"id":7}
use http::Response;
use lambda_stream::{Error, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn create_order(Payload(id): Payload<u32>) -> Result<Response<String>, Error> {
    let response = Response::builder()
        .status(201)
        .body(serde_json::to_string(&Order { id })?)?;
    Ok(response)
}
