// request: POST / 700
// status: 404
// response: no order 700
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lambda_stream::{AnyResponse, Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> AnyResponse {
    if id > 100 {
        return (StatusCode::NOT_FOUND, format!("no order {id}")).into_response().into();
    }
    Json(id).into()
}
