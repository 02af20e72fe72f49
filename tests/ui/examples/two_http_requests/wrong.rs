// The HTTP request is taken a second time for its body.
// group: parameters
// marked: http::Request<Bytes>
// write: remove
// verdict: yes, yes, yes
use bytes::Bytes;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(
    request: http::Request<Bytes>,
    _body: http::Request<Bytes>,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let text = format!("{} {}", request.uri().path(), request.body().len());
    stream.write(text).await?;
    Ok(())
}
