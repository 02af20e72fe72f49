// response: 1
use std::sync::RwLock;

use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<RwLock<u64>, Error> {
    Ok(RwLock::new(0))
}

#[lambda_stream::main(init = setup)]
async fn handler(requests: &RwLock<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let count = {
        let mut requests = requests.write().map_err(|_| Error::new("poisoned"))?;
        *requests += 1;
        *requests
    };
    stream.write(count.to_string()).await?;
    Ok(())
}
