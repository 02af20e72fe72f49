// request: GET /orders
// response: /orders
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<bytes::Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(request.uri().path()).await?;
    Ok(())
}
