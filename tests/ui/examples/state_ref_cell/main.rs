// response: 1
use std::sync::Mutex;

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<Mutex<u64>, Error> {
    Ok(Mutex::new(0))
}

#[lambda_stream::main(init = setup)]
async fn handler(requests: &Mutex<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let count = {
        let mut requests = requests.lock().map_err(|_| Error::new("poisoned"))?;
        *requests += 1;
        *requests
    };
    stream.write(count.to_string()).await?;
    Ok(())
}
