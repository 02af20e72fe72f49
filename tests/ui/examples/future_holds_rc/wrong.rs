// The handler keeps an `Rc` over an `.await`.
// group: send
// marked: fn echo
// verdict: no (the compiler marks the handler; its notes mark `words` and the `.await`), no (it names the value and its type, and cannot know the replacement), yes
use std::rc::Rc;

use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn echo(Payload(text): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    let words: Rc<str> = Rc::from(text);
    stream.write(words.as_bytes()).await?;
    Ok(())
}
