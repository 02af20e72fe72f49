// response: Hello from eu-north-1
use lambda_stream::{Error, ResponseStream};

struct Config {
    region: &'static str,
}

impl Config {
    async fn load() -> Result<Self, Error> {
        Ok(Self { region: "eu-north-1" })
    }
}

#[lambda_stream::main(init = Config::load)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
