// event: {"id":7}
// response: order 7
use lambda_stream::{Error, RawEvent, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(event: RawEvent, mut stream: ResponseStream) -> Result<(), Error> {
    let text = match serde_json::from_slice::<Order>(&event) {
        Ok(order) => format!("order {}", order.id),
        Err(_) => "no order".to_owned(),
    };
    stream.write(text).await?;
    Ok(())
}
