// The body of the response is `Json`.
// group: http
// marked: Response<Json<Order>>
// write: serde_json::to_
// verdict: yes, yes, yes
use http::Response;
use lambda_stream::{Error, Json, Payload};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn create_order(Payload(id): Payload<u32>) -> Result<Response<Json<Order>>, Error> {
    let response = Response::builder().status(201).body(Json(Order { id }))?;
    Ok(response)
}
