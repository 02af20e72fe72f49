//! A streamed response.

use std::time::Duration;

use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    for word in ["Hello ", "from ", "Lambda\n"] {
        stream.write(word).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
