// A handler of axum: the error is the status of the response.
// group: http
// marked: StatusCode
// write: http::Response
// verdict: yes, yes, yes
use http::StatusCode;
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<u32>, StatusCode> {
    if id > 100 {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(Json(id))
}
