// request: GET /orders
// response: /orders 0
use bytes::Bytes;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(request: http::Request<Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} {}", request.uri().path(), request.body().len());
    stream.write(text).await?;
    Ok(())
}
