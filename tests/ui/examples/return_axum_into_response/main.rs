// request: POST / "Ada"
// status: 201
// response: created Ada
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> Response {
    (StatusCode::CREATED, format!("created {name}")).into_response()
}
