// event: "Ada"
// response: 1 names
use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

async fn setup() -> Result<Mutex<Vec<String>>, Error> {
    Ok(Mutex::new(Vec::new()))
}

#[lambda_stream::main(init = setup)]
async fn handler(name: String, names: &Mutex<Vec<String>>, mut stream: ResponseStream) -> Result<(), Error> {
    let mut names = names.lock().await;
    names.push(name);
    stream.write(format!("{} names", names.len())).await?;
    Ok(())
}
