// request: GET /orders
// response: GET /orders
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<bytes::Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let (method, uri) = (request.method(), request.uri());
    let text = format!("{method} {}", uri.path());
    stream.write(text).await?;
    Ok(())
}
