// event: {"id":7}
// response: 7 from https://example.com
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

struct Client {
    endpoint: &'static str,
}

async fn setup() -> Result<Client, Error> {
    let endpoint = "https://example.com";
    Ok(Client { endpoint })
}

#[lambda_stream::main(init = setup)]
async fn handler(order: Order, client: &Client, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} from {}", order.id, client.endpoint);
    stream.write(text).await?;
    Ok(())
}
