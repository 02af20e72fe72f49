//! A function whose handler is a closure, passed to `run`.

use lambda_stream::{ResponseStream, RuntimeError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(async |name: String, mut stream: ResponseStream| {
        stream.write("Hello, ").await?;
        stream.write(name).await
    })
    .await
}
