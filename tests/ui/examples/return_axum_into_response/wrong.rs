// A handler of axum returns `impl IntoResponse`.
// group: http
// marked: impl IntoResponse
// write: .into_response()
// verdict: yes, yes, yes
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lambda_stream::Payload;

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> impl IntoResponse {
    (StatusCode::CREATED, format!("created {name}"))
}
