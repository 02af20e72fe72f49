// The stream is taken as an optional parameter.
// group: parameters
// marked: Option<ResponseStream>
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(stream: Option<ResponseStream>) -> Result<(), Error> {
    let mut stream = stream.ok_or_else(|| Error::new("no stream"))?;
    stream.write("ready").await?;
    Ok(())
}
