//! A handler that writes chunks.

use lambda_stream::{Error, ResponseStream};
use lambda_stream_instructions::{CHUNK, Request};

#[lambda_stream::main]
async fn handler(request: Request, mut stream: ResponseStream) -> Result<(), Error> {
    for _ in 0..request.chunks {
        stream.write(CHUNK).await?;
    }
    Ok(())
}
