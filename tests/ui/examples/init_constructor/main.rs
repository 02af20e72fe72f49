// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

impl Config {
    async fn new() -> Result<Self, Error> {
        Ok(Self { greeting: "Hello" })
    }
}

#[lambda_stream::main(init = Config::new)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
