// response: ready
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler(mut stream: lambda_stream::ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
