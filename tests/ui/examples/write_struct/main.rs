// event: 2
// response: {"id":1}\n{"id":2}\n
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn orders(Payload(last): Payload<u32>, stream: ResponseStream) -> Result<(), Error> {
    let mut lines = stream.ndjson()?;
    for id in 1..=last {
        let order = Order { id };
        lines.send(&order).await?;
    }
    Ok(())
}
