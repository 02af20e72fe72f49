// event: {"version":"2.0","routeKey":"$default","rawPath":"/orders","rawQueryString":"","headers":{"accept":"text/html"},"requestContext":{"http":{"method":"GET","path":"/orders"}},"isBase64Encoded":false}
// response: text/html
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<bytes::Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let accept = request.headers().get("accept").ok_or_else(|| Error::new("no header"))?;
    stream.write(accept).await?;
    Ok(())
}
