// response: 1
use std::sync::Mutex;

use lambda_stream::{Error, ResponseStream};

struct Counter {
    requests: Mutex<u64>,
}

async fn setup() -> Result<Counter, Error> {
    Ok(Counter {
        requests: Mutex::new(0),
    })
}

#[lambda_stream::main(init = setup)]
async fn handler(counter: &Counter, mut stream: ResponseStream) -> Result<(), Error> {
    let requests = {
        let mut requests = counter.requests.lock().map_err(|_| Error::new("poisoned"))?;
        *requests += 1;
        *requests
    };
    stream.write(requests.to_string()).await?;
    Ok(())
}
