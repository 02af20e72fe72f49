// A method of `AsyncWriteExt` is called, and the method `write` of the stream is meant.
// group: streams
// marked: write_all
// write: stream.write(b"Hello")
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write_all(b"Hello").await?;
    Ok(())
}
