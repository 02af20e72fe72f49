//! A function built with `Runtime` and its own `main`. Its buffer holds four bytes.

use lambda_stream::{Error, RawEvent, ResponseStream, Runtime, RuntimeError};

async fn init() -> Result<String, Error> {
    Ok("> ".to_owned())
}

async fn echo(event: RawEvent, prompt: &String, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt).await?;
    stream.send(event.0).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().init(init).buffer_size(4).run(echo).await
}
