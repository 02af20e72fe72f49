// A parameter has a default value, as in Python.
// group: parameters
// marked: = "World".to_owned()
// verdict: yes, no (rustc names no replacement), yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(name: String = "World".to_owned(), mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(())
}
