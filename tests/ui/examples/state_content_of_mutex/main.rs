// event: "Ada"
// response: 0 hits
use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

#[derive(Default)]
struct Cache {
    hits: u64,
}

async fn setup() -> Result<Mutex<Cache>, Error> {
    Ok(Mutex::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(cache: &tokio::sync::Mutex<Cache>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} hits", cache.lock().await.hits)).await?;
    Ok(())
}
