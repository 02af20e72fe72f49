// The state is a `Mutex`, and the handler takes a reference to its content.
// group: state
// marked: &Cache
// write: &tokio::sync::Mutex<Cache>
// verdict: yes, yes, yes
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
async fn handler(cache: &Cache, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{} hits", cache.hits)).await?;
    Ok(())
}
