// `init` is a method that takes `self`.
// group: state
// marked: Loader::load
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Loader {
    region: &'static str,
}

struct Config {
    greeting: String,
}

impl Loader {
    async fn load(self) -> Result<Config, Error> {
        let greeting = format!("Hello from {}", self.region);
        Ok(Config { greeting })
    }
}

#[lambda_stream::main(init = Loader::load)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
