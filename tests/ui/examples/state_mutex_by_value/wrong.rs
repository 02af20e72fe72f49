// The state is a `Mutex`, and the handler takes it by value.
// group: state
// marked: Mutex<u64>
// write: &tokio::sync::Mutex<u64>
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

async fn setup() -> Result<Mutex<u64>, Error> {
    Ok(Mutex::new(0))
}

#[lambda_stream::main(init = setup)]
async fn handler(requests: Mutex<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let mut requests = requests.lock().await;
    *requests += 1;
    stream.write(requests.to_string()).await?;
    Ok(())
}
