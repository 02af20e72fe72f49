// `mut` stands before the type of the parameter instead of before its name.
// group: parameters
// marked: mut
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(stream: mut ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
