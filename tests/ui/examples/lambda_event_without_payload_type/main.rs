// event: {"id":7}
// response: order 7
use lambda_stream::{Error, LambdaEvent, ResponseStream};
use serde_json::Value;

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Value>, mut stream: ResponseStream) -> Result<(), Error> {
    let order: Value = event.payload;
    stream.write(format!("order {}", order["id"])).await?;
    Ok(())
}
