#![deny(warnings)]

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<String, Error> {
    Ok("Hello".to_owned())
}

#[lambda_stream::main(init = setup)]
async fn handler(greeting: &str, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(greeting).await?;
    Ok(())
}
