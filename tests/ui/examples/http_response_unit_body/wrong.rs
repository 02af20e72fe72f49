// A redirect has `()` as its body.
// group: http
// marked: Response<()>
// write: lambda_stream::http::Body::empty()
// verdict: yes, yes, yes
use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::Error;

#[lambda_stream::main]
async fn redirect(request: Request<Bytes>) -> Result<Response<()>, Error> {
    let location = format!("/v2{}", request.uri().path());
    Ok(Response::builder().status(302).header("location", location).body(())?)
}
