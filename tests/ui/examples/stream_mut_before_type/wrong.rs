// `mut` stands before the type of the parameter instead of before its name.
// group: parameters
// marked: mut
// verdict: yes, no (rustc only says that it expects a type), no (rustc drops the parameter and reports its uses)
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(stream: mut ResponseStream) -> Result<(), Error> {
    stream.write("ready").await?;
    Ok(())
}
