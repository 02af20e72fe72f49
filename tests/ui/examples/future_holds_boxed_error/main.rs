// event: "4"
// response: 8
use std::error::Error;

use lambda_stream::{Payload, ResponseStream, StreamError};

fn parse(number: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(number.parse()?)
}

#[lambda_stream::main]
async fn double(Payload(number): Payload<String>, mut stream: ResponseStream) -> Result<(), StreamError> {
    match parse(&number) {
        Ok(number) => stream.write((2 * number).to_string()).await,
        Err(error) => stream.write(error.to_string()).await,
    }
}
