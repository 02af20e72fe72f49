// request: POST / "Ada"
// status: 201
// response: created Ada
use http::StatusCode;
use lambda_stream::Payload;

#[lambda_stream::main]
async fn create_user(Payload(name): Payload<String>) -> http::Response<String> {
    let mut response = http::Response::new(format!("created {name}"));
    *response.status_mut() = StatusCode::CREATED;
    response
}
