//! A handler that takes an HTTP request and returns an HTTP response with the same body.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler(request: http::Request<Bytes>) -> Result<http::Response<String>, Error> {
    let body = String::from_utf8_lossy(request.body()).into_owned();
    Ok(http::Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(body)?)
}
