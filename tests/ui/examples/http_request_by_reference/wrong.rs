// The HTTP request is taken by reference.
// group: parameters
// marked: &http::Request<Bytes>
// write: request: http::Request<Bytes>
// verdict: yes, yes, yes
use bytes::Bytes;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: &http::Request<Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} {}", request.method(), request.uri().path());
    stream.write(text).await?;
    Ok(())
}
