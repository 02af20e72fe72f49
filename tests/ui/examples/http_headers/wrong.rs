// The headers of the HTTP request are a parameter, as in axum.
// group: parameters
// marked: HeaderMap
// write: http::Request<bytes::Bytes>
// verdict: yes, yes, yes
use http::HeaderMap;
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(headers: HeaderMap, mut stream: ResponseStream) -> Result<(), Error> {
    let accept = headers.get("accept").ok_or_else(|| Error::new("no header"))?;
    stream.write(accept).await?;
    Ok(())
}
