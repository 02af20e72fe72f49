// event: 3
// response: 123
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn count(Payload(last): Payload<u32>, mut stream: ResponseStream) -> Result<(), Error> {
    for number in 1..=last {
        stream.write(number.to_string()).await?;
    }
    Ok(())
}
