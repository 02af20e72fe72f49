// The parts of the HTTP request are taken without its body.
// group: parameters
// marked: Parts
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use http::request::Parts;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(parts: Parts, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} {}", parts.method, parts.uri.path());
    stream.write(text).await?;
    Ok(())
}
