// event: {"id":7}
// response: order 7
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

trait Event: Send {
    fn text(&self) -> String;
}

#[derive(Deserialize)]
struct Order {
    id: u32,
}

impl Event for Order {
    fn text(&self) -> String {
        format!("order {}", self.id)
    }
}

#[lambda_stream::main]
async fn handler(event: Order, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(event.text()).await?;
    Ok(())
}
