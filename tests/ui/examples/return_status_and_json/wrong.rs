// A handler of axum: a tuple of the status and axum's `Json`.
// group: http
// marked: (StatusCode, Json<Value>)
// write: .into_response()
// verdict: yes, yes, yes
use axum::Json;
use axum::http::StatusCode;
use lambda_stream::Payload;
use serde_json::{Value, json};

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "created": name })))
}
