// `LambdaEvent` is written without the type of its payload.
// group: parameters
// marked: LambdaEvent
// write: LambdaEvent<
// verdict: yes, yes, yes
use lambda_stream::{Error, LambdaEvent, ResponseStream};
use serde_json::Value;

#[lambda_stream::main]
async fn handler(event: LambdaEvent, mut stream: ResponseStream) -> Result<(), Error> {
    let order: Value = event.payload;
    stream.write(format!("order {}", order["id"])).await?;
    Ok(())
}
