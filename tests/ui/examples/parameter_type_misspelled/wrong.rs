// The type of the stream is misspelled.
// group: parameters
// marked: ResponseSteam
// write: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::Error;

#[lambda_stream::main]
async fn handler(mut stream: lambda_stream::ResponseSteam) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
