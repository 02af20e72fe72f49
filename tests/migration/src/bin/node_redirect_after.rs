//! A redirect, which has no body.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response, StatusCode};

#[lambda_stream::main]
async fn handler(request: Request<Bytes>) -> Result<Response<String>, http::Error> {
    let target = format!("https://example.com{}", request.uri().path());
    Response::builder()
        .status(StatusCode::FOUND)
        .header(LOCATION, target)
        .body(String::new())
}
