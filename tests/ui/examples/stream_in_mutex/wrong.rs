// The stream is taken behind the lock that a shared writer has in other frameworks.
// group: parameters
// marked: Arc<Mutex<ResponseStream>>
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use std::sync::Arc;

use lambda_stream::{Error, ResponseStream};
use tokio::sync::Mutex;

#[lambda_stream::main]
async fn handler(stream: Arc<Mutex<ResponseStream>>) -> Result<(), Error> {
    stream.lock().await.write("ready").await?;
    Ok(())
}
