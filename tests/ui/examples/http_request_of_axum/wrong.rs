// The request is the one of axum, whose body is a stream.
// group: parameters
// marked: Request
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use axum::extract::Request;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: Request, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(request.uri().path()).await?;
    Ok(())
}
