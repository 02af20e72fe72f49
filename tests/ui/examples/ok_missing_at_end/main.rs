// response: Hello
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("Hello").await?;
    Ok(())
}
