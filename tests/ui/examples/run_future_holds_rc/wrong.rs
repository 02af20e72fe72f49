// The handler, which has no attribute, keeps an `Rc` over an `.await`.
// group: run
// marked: echo
// verdict: yes, no (the message does not say that the future is not `Send`), yes
use std::rc::Rc;

use lambda_stream::{Error, Payload, ResponseStream, RuntimeError};

async fn echo(Payload(text): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let words: Rc<str> = Rc::from(text);
    stream.write(words.as_bytes()).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(echo).await
}
