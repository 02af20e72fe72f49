// The error of the user cannot hold the error of a write.
// group: send
// marked: ?
// write: From<StreamError>
// verdict: yes, yes, yes
use lambda_stream::{Payload, ResponseStream};

#[derive(Debug)]
enum OrderError {
    OutOfStock,
}

impl std::fmt::Display for OrderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of stock")
    }
}

impl std::error::Error for OrderError {}

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>, mut stream: ResponseStream) -> Result<(), OrderError> {
    let rest = 10_u32.checked_sub(amount).ok_or(OrderError::OutOfStock)?;
    stream.write(format!("{rest} left")).await?;
    Ok(())
}
