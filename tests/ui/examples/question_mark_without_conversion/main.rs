// event: 3
// response: 7 left
use lambda_stream::{Payload, ResponseStream, StreamError};

#[derive(Debug)]
enum OrderError {
    OutOfStock,
    Response(StreamError),
}

impl From<StreamError> for OrderError {
    fn from(error: StreamError) -> Self {
        Self::Response(error)
    }
}

impl std::fmt::Display for OrderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfStock => f.write_str("out of stock"),
            Self::Response(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OrderError {}

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>, mut stream: ResponseStream) -> Result<(), OrderError> {
    let rest = 10_u32.checked_sub(amount).ok_or(OrderError::OutOfStock)?;
    stream.write(format!("{rest} left")).await?;
    Ok(())
}
