// response: healthy
use http::Response;
use lambda_stream::Error;

#[lambda_stream::main]
async fn health() -> Result<Response<lambda_stream::http::Body>, Error> {
    Ok(Response::builder()
        .status(200)
        .body(lambda_stream::http::Body::from("healthy"))?)
}
