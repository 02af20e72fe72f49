// request: GET /orders
// response: You requested /orders
use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::RuntimeError;

async fn handler(request: Request<Bytes>) -> Response<String> {
    Response::new(format!("You requested {}", request.uri().path()))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(handler).await
}
