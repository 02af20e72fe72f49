// response: one two
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("one ").await?;
    stream.write("two").await?;
    Ok(())
}
