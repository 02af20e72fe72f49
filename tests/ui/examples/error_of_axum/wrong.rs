// A handler of axum: the error is a tuple of the status and a message.
// group: http
// marked: (StatusCode, String)
// write: AnyResponse
// verdict: yes, yes, yes
use axum::http::StatusCode;
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> Result<Json<u32>, (StatusCode, String)> {
    if id > 100 {
        return Err((StatusCode::NOT_FOUND, format!("no order {id}")));
    }
    Ok(Json(id))
}
