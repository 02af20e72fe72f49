// response: visit 1
use std::sync::Mutex;

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<Mutex<u32>, Error> {
    Ok(Mutex::new(0))
}

#[lambda_stream::main(init = setup)]
async fn visit(visits: &Mutex<u32>, mut stream: ResponseStream) -> Result<(), Error> {
    let message = {
        let mut count = visits.lock().map_err(|_| Error::new("a thread panicked"))?;
        *count += 1;
        format!("visit {count}")
    };
    stream.write(message).await?;
    Ok(())
}
