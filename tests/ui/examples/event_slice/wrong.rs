// The event is a slice of numbers.
// group: parameters
// marked: &[u64]
// write: numbers: Vec<u64>
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(numbers: &[u64], mut stream: ResponseStream) -> Result<(), Error> {
    let sum: u64 = numbers.iter().sum();
    stream.write(sum.to_string()).await?;
    Ok(())
}
