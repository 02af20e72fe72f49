// event: [1,2,3]
// response: 6
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(numbers: Vec<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    let sum: u64 = numbers.iter().sum();
    stream.write(sum.to_string()).await?;
    Ok(())
}
