// A handler is passed to `http::run`.
// group: http
// marked: handler
// write: lambda_stream::run
// verdict: yes, yes, yes
use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::RuntimeError;

async fn handler(request: Request<Bytes>) -> Response<String> {
    Response::new(format!("You requested {}", request.uri().path()))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::http::run(handler).await
}
