// request: GET /orders
// response: You requested /orders
use http::{Request, Response};
use lambda_stream::http::Body;
use lambda_stream::{Error, RuntimeError};

async fn handler(request: Request<Body>) -> Result<Response<String>, Error> {
    Ok(Response::new(format!("You requested {}", request.uri().path())))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let service = tower::service_fn(handler);
    lambda_stream::http::run(service).await
}
