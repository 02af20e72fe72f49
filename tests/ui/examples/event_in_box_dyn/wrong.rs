// The event is any type with the trait `Event`.
// group: parameters
// marked: Box<dyn Event>
// verdict: yes, no (the concrete type is not known), yes
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
async fn handler(event: Box<dyn Event>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(event.text()).await?;
    Ok(())
}
