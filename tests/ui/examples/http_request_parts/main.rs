// request: GET /orders
// response: GET /orders
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<bytes::Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let (parts, _) = request.into_parts();
    let text = format!("{} {}", parts.method, parts.uri.path());
    stream.write(text).await?;
    Ok(())
}
