// event: "cat.png"
// response: thumbnail of cat.png
use bytes::Bytes;
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn thumbnail(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(Bytes::from(format!("thumbnail of {name}"))).await?;
    Ok(())
}
