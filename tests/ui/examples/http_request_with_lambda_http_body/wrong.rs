// The request is the one of `lambda_http`, whose body is its own type.
// group: parameters
// marked: Request
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use lambda_http::Request;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: Request, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(request.uri().path()).await?;
    Ok(())
}

/// A part of the crate of this name.
mod lambda_http {
    pub type Request = http::Request<Body>;

    pub struct Body;
}
