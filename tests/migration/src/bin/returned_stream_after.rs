//! A stream as the response, with a status, headers and a cookie.

use std::convert::Infallible;

use futures::stream;
use http::Response;
use lambda_stream::Error;
use lambda_stream::http::Body;

#[lambda_stream::main]
async fn handler() -> Result<Response<Body>, Error> {
    let lines = stream::iter(["one\n", "two\n"].map(Ok::<_, Infallible>));
    let response = Response::builder()
        .status(201)
        .header("content-type", "text/plain")
        .header("set-cookie", "seen=1")
        .body(Body::stream(lines))?;
    Ok(response)
}
