// response: request ID of 36 letters
use lambda_stream::{Context, Error, ResponseStream};

#[lambda_stream::main]
async fn handler(context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    let length = context.request_id().len();
    stream.write(format!("request ID of {length} letters")).await?;
    Ok(())
}
