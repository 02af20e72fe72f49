// The handler shares a `RefCell` with a function that it awaits.
// group: send
// marked: fn echo
// write: std::sync::RwLock
// verdict: no (the compiler marks the handler; its notes mark `sent` and the `.await`), yes, yes
use std::cell::RefCell;

use lambda_stream::{Error, Payload, ResponseStream};

async fn write_all(stream: &mut ResponseStream, words: &[String], sent: &RefCell<usize>) -> Result<(), Error> {
    for word in words {
        stream.write(word).await?;
        *sent.borrow_mut() += word.len();
    }
    Ok(())
}

#[lambda_stream::main]
async fn echo(Payload(words): Payload<Vec<String>>, mut stream: ResponseStream) -> Result<(), Error> {
    let sent = RefCell::new(0);
    write_all(&mut stream, &words, &sent).await?;
    let summary = format!(" ({} bytes)", sent.borrow());
    stream.write(summary).await?;
    Ok(())
}
