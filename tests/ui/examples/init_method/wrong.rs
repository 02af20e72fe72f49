// `init` is a method that takes `self`.
// group: state
// marked: Config::load
// write: async fn
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    region: &'static str,
}

impl Config {
    async fn load(mut self) -> Result<Self, Error> {
        self.region = "eu-north-1";
        Ok(self)
    }
}

#[lambda_stream::main(init = Config::load)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
