// event: "a.txt"
// response: content of a.txt
use lambda_stream::{Error, Payload, ResponseStream};
use tokio::io::AsyncRead;

async fn open(name: &str) -> Result<impl AsyncRead + Unpin + use<>, Error> {
    Ok(std::io::Cursor::new(format!("content of {name}")))
}

#[lambda_stream::main]
async fn download(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), Error> {
    tokio::io::copy(&mut open(&name).await?, &mut stream).await?;
    Ok(())
}
