//! A function that ignores its deadline. The event is the time that it sleeps, in milliseconds.

use std::time::Duration;

use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main(deadline_margin = "off", logging = false)]
async fn no_deadline(milliseconds: u64, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("one").await?;
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    stream.write("two").await?;
    Ok(())
}
