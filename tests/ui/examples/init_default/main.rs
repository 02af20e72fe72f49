// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

impl Default for Config {
    fn default() -> Self {
        Self { greeting: "Hello" }
    }
}

async fn setup() -> Result<Config, Error> {
    Ok(Config::default())
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
