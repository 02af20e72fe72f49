// The handler keeps an error of the type `Box<dyn Error>` over an `.await`.
// group: send
// marked: fn double
// verdict: no (the compiler marks the handler; its notes mark `error` and the `.await`), no (it names the value and its type, and cannot know the replacement), yes
use std::error::Error;

use lambda_stream::{Payload, ResponseStream, StreamError};

fn parse(number: &str) -> Result<u32, Box<dyn Error>> {
    Ok(number.parse()?)
}

#[lambda_stream::main]
async fn double(Payload(number): Payload<String>, mut stream: ResponseStream) -> Result<(), StreamError> {
    match parse(&number) {
        Ok(number) => stream.write((2 * number).to_string()).await,
        Err(error) => stream.write(error.to_string()).await,
    }
}
