// The type of the stream is not imported.
// group: parameters
// marked: ResponseStream
// verdict: yes, no (rustc suggests no import), yes
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
