// event: "Hello"
// response: Hello
use std::sync::Arc;

use lambda_stream::{Error, Payload, ResponseStream, RuntimeError};

async fn echo(Payload(text): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let words: Arc<str> = Arc::from(text);
    stream.write(words.as_bytes()).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(echo).await
}
