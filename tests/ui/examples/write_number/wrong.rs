// A number is written to the stream.
// group: streams
// marked: number
// verdict: yes, no (the bound is `AsRef<[u8]>` of the standard library, which has no hint), no (the compiler repeats the error at the call and at `.await`)
use lambda_stream::{Error, Payload, ResponseStream};

#[lambda_stream::main]
async fn count(Payload(last): Payload<u32>, mut stream: ResponseStream) -> Result<(), Error> {
    for number in 1..=last {
        stream.write(number).await?;
    }
    Ok(())
}
