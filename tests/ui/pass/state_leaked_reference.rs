#![deny(warnings)]

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<&'static Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Box::leak(Box::new(Config { greeting })))
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &'static Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
