// The parameter after the event is a client that the handler expects to be passed in.
// group: parameters
// marked: Client
// write: &Client
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

struct Client {
    endpoint: &'static str,
}

#[lambda_stream::main]
async fn handler(order: Order, client: Client, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} from {}", order.id, client.endpoint);
    stream.write(text).await?;
    Ok(())
}
