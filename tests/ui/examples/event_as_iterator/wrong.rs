// The records of the event are taken as an iterator.
// group: parameters
// marked: impl Iterator<Item = u64>
// write: concrete type
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(numbers: impl Iterator<Item = u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let sum: u64 = numbers.sum();
    stream.write(sum.to_string()).await?;
    Ok(())
}
