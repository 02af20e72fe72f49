// response: Hello
use std::sync::Arc;

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: Arc<str>,
}

async fn setup() -> Result<Config, Error> {
    let greeting = Arc::from("Hello");
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&*config.greeting).await?;
    Ok(())
}
