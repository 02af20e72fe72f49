// request: POST / "Ada"
// status: 201
// response: {"created":"Ada"}
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lambda_stream::Payload;
use serde_json::json;

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> Response {
    (StatusCode::CREATED, Json(json!({ "created": name }))).into_response()
}
