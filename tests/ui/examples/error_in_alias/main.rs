// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Payload, ResponseStream};

#[derive(Debug)]
enum AppError {
    Closed,
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the response was closed")
    }
}

impl std::error::Error for AppError {}

type Result<T> = std::result::Result<T, AppError>;

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<()> {
    let greeting = format!("Hello, {name}");
    stream.write(greeting).await.map_err(|_| AppError::Closed)
}
