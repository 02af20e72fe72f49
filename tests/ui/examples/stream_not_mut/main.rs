// event: 3
// response: 3 2 1
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(start: u32, mut stream: ResponseStream) -> Result<(), Error> {
    for number in (1..=start).rev() {
        stream.write(number.to_string()).await?;
        if number > 1 {
            stream.write(" ").await?;
        }
    }
    Ok(())
}
