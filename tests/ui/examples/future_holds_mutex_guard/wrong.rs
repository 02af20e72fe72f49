// The handler keeps the guard of a `std::sync::Mutex` over an `.await`.
// group: send
// marked: fn visit
// verdict: no (the compiler marks the handler; its notes mark `count` and the `.await`), no (it names the value and its type, and cannot know the replacement), yes
use std::sync::Mutex;

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<Mutex<u32>, Error> {
    Ok(Mutex::new(0))
}

#[lambda_stream::main(init = setup)]
async fn visit(visits: &Mutex<u32>, mut stream: ResponseStream) -> Result<(), Error> {
    let mut count = visits.lock().map_err(|_| Error::new("a thread panicked"))?;
    *count += 1;
    stream.write(format!("visit {count}")).await?;
    Ok(())
}
