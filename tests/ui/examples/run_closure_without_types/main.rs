// response: Hello
use lambda_stream::{ResponseStream, RuntimeError};

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(async |mut stream: ResponseStream| stream.write("Hello").await).await
}
