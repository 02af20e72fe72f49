//! A function that takes as many milliseconds as its event says, and is never given up for its deadline.

use std::time::Duration;

use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main(deadline_margin = "off")]
async fn given_up_never(milliseconds: u64, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("one").await?;
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    stream.write("two").await?;
    Ok(())
}
