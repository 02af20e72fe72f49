// event: {"id":7}
// response: Shop: order 7
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u32,
}

struct Config {
    name: String,
}

async fn setup() -> Result<Config, Error> {
    let name = "Shop".to_owned();
    Ok(Config { name })
}

#[lambda_stream::main(init = setup)]
async fn handler(order: Order, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{}: order {}", config.name, order.id);
    stream.write(text).await?;
    Ok(())
}
