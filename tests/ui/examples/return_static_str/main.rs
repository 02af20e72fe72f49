// response: healthy
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn health(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("healthy").await?;
    Ok(())
}
