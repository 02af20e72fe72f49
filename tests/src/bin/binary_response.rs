//! A function whose HTTP response has a body that is not UTF-8.

use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::http::Body;

#[lambda_stream::main]
async fn binary_response(_: Request<Bytes>) -> Response<Body> {
    Response::new(Body::from(vec![0xff_u8, 0xfe]))
}
