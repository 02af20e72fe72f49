// A handler returns an `AsyncRead` whose bytes are the response.
// group: streams
// marked: impl AsyncRead
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload};
use tokio::io::AsyncRead;

async fn open(name: &str) -> Result<impl AsyncRead + Unpin + use<>, Error> {
    Ok(std::io::Cursor::new(format!("content of {name}")))
}

#[lambda_stream::main]
async fn download(Payload(name): Payload<String>) -> Result<impl AsyncRead, Error> {
    open(&name).await
}
