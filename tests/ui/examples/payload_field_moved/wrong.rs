// A field is moved out of a payload that is not destructured.
// group: parameters
// marked: order.note
// write: .clone()
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
    note: String,
}

fn label(id: u32, note: String) -> String {
    [id.to_string(), note].join(": ")
}

#[lambda_stream::main]
async fn handler(order: Payload<Order>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(label(order.id, order.note)).await?;
    Ok(())
}
