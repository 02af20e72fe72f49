// event: 7
// response: 7
use http::StatusCode;
use lambda_stream::{AnyResponse, Json, Payload};

#[lambda_stream::main]
async fn find_order(Payload(id): Payload<u32>) -> AnyResponse {
    if id > 100 {
        let mut response = http::Response::new(String::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response.into();
    }
    Json(id).into()
}
