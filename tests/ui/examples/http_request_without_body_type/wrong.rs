// `http::Request` is written without the type of its body.
// group: parameters
// marked: Request
// write: Request<
// verdict: yes, yes, yes
use bytes::Bytes;
use http::Request;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: Request, mut stream: ResponseStream) -> Result<(), Error> {
    let (parts, body): (_, Bytes) = request.into_parts();
    if body.is_empty() {
        stream.write(parts.uri.path()).await?;
    }
    Ok(())
}
