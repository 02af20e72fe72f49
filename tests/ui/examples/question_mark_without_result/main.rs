// response: Hello
use lambda_stream::ResponseStream;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Box<dyn std::error::Error>> {
    stream.write("Hello").await?;
    Ok(())
}
