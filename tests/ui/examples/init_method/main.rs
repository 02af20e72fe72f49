// response: Hello from eu-north-1
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

async fn setup() -> Result<Config, lambda_stream::Error> {
    let region = "eu-north-1";
    Loader { region }.load().await
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
