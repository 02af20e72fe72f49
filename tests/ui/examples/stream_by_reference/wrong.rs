// The stream is taken by shared reference, like the state.
// group: parameters
// marked: &ResponseStream
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(stream: &ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
