//! An HTTP request and response.

use bytes::Bytes;
use http::{Request, Response};

#[lambda_stream::main]
async fn show_path(request: Request<Bytes>) -> Result<Response<String>, http::Error> {
    let path = request.uri().path();
    let response = Response::builder().status(201);
    response.body(describe(path))
}

fn describe(path: &str) -> String {
    format!("the path is {path}\n")
}
