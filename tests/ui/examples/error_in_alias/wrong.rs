// The error is in an alias of `Result`.
// group: return
// marked: Result<()>
// write: impl std::error::Error for AppError
// verdict: yes, yes, yes
use lambda_stream::{Payload, ResponseStream};

#[derive(Debug)]
enum AppError {
    Closed,
}

type Result<T> = std::result::Result<T, AppError>;

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<()> {
    let greeting = format!("Hello, {name}");
    stream.write(greeting).await.map_err(|_| AppError::Closed)
}
