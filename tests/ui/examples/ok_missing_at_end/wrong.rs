// The handler returns a `Result`, and its body ends with a statement.
// group: return
// marked: { stream.write("Hello").await?; }
// verdict: no (the compiler marks the body), no (the compiler shows the types, and not `Ok(())`), yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("Hello").await?;
}
