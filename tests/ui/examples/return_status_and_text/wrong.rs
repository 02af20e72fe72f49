// A handler of axum: a tuple of the status and the body.
// group: http
// marked: (StatusCode, String)
// write: http::Response<String>
// verdict: yes, yes, yes
use http::StatusCode;
use lambda_stream::Payload;

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> (StatusCode, String) {
    (StatusCode::CREATED, format!("created {name}"))
}
