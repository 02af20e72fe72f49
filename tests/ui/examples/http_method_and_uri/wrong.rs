// The method and the URI of the HTTP request are parameters, as in axum.
// group: parameters
// marked: Method
// write: http::Request<bytes::Bytes>
// marked: Uri
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use http::{Method, Uri};
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(method: Method, uri: Uri, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{method} {}", uri.path());
    stream.write(text).await?;
    Ok(())
}
