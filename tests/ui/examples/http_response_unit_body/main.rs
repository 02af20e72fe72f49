// request: GET /orders
// status: 302
// response:
use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::Error;

#[lambda_stream::main]
async fn redirect(request: Request<Bytes>) -> Result<Response<lambda_stream::http::Body>, Error> {
    let location = format!("/v2{}", request.uri().path());
    Ok(Response::builder()
        .status(302)
        .header("location", location)
        .body(lambda_stream::http::Body::empty())?)
}
