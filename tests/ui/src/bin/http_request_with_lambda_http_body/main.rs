// event: {"version":"2.0","routeKey":"$default","rawPath":"/orders","rawQueryString":"","headers":{"accept":"text/html"},"requestContext":{"http":{"method":"GET","path":"/orders"}},"isBase64Encoded":false}
// response: /orders
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<bytes::Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(request.uri().path()).await?;
    Ok(())
}
