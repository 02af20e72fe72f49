// The body of the response is a string literal, which is no `http_body::Body`.
// group: http
// marked: Response<&'static str>
// write: lambda_stream::http::Body::from(
// verdict: yes, yes, yes
use http::Response;
use lambda_stream::Error;

#[lambda_stream::main]
async fn health() -> Result<Response<&'static str>, Error> {
    Ok(Response::builder().status(200).body("healthy")?)
}
