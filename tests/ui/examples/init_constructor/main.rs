// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

impl Config {
    fn new() -> Self {
        Self { greeting: "Hello" }
    }
}

async fn setup() -> Result<Config, lambda_stream::Error> {
    Ok(Config::new())
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
