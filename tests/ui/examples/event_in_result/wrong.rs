// The event is taken as a `Result` to handle an invalid event.
// group: parameters
// marked: Result<Order, Error>
// write: RawEvent
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

#[lambda_stream::main]
async fn handler(order: Result<Order, Error>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = match order {
        Ok(order) => format!("order {}", order.id),
        Err(_) => "no order".to_owned(),
    };
    stream.write(text).await?;
    Ok(())
}
