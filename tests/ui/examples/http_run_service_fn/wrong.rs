// The function of a `tower` service takes the request of a handler.
// group: http
// marked: service
// write: Request<Body>
// verdict: no (the argument is marked, and a label marks the function), yes, yes
use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::{Error, RuntimeError};

async fn handler(request: Request<Bytes>) -> Result<Response<String>, Error> {
    Ok(Response::new(format!("You requested {}", request.uri().path())))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let service = tower::service_fn(handler);
    lambda_stream::http::run(service).await
}
