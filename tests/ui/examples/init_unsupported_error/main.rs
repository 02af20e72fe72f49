// response: Hello
use std::fmt;

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

#[derive(Debug)]
struct ConfigError;

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no greeting")
    }
}

impl std::error::Error for ConfigError {}

async fn setup() -> Result<Config, ConfigError> {
    let greeting = ["Hello"].first().ok_or(ConfigError)?;
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
