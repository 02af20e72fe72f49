// response: 1
use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

async fn setup() -> Result<Mutex<u64>, Error> {
    Ok(Mutex::new(0))
}

#[lambda_stream::main(init = setup)]
async fn handler(requests: &tokio::sync::Mutex<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let mut requests = requests.lock().await;
    *requests += 1;
    stream.write(requests.to_string()).await?;
    Ok(())
}
