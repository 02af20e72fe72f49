// The comma between two parameters is missing.
// group: parameters
// marked: mut
// write: ,
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: String mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
