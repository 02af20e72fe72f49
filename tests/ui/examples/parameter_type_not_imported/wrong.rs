// The type of the stream is not imported.
// group: parameters
// marked: ResponseStream
// write: use lambda_stream::ResponseStream;
// verdict: yes, yes, yes
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
