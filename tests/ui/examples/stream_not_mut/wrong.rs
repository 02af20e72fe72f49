// The handler writes to a stream parameter that is not declared `mut`.
// group: parameters
// marked: stream
// write: mut stream
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(start: u32, stream: ResponseStream) -> Result<(), Error> {
    for number in (1..=start).rev() {
        stream.write(number.to_string()).await?;
        if number > 1 {
            stream.write(" ").await?;
        }
    }
    Ok(())
}
