// response: Hello
use lambda_stream::{Error, ResponseStream};

mod config {
    use lambda_stream::Error;

    pub struct Config {
        pub greeting: &'static str,
    }

    pub async fn setup() -> Result<Config, Error> {
        Ok(Config { greeting: "Hello" })
    }
}

#[lambda_stream::main(init = config::setup)]
async fn handler(config: &config::Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
