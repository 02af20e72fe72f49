// The body of the HTTP request is a string.
// group: parameters
// marked: http::Request<String>
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} {}", request.uri().path(), request.body().len());
    stream.write(text).await?;
    Ok(())
}
