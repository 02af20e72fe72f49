// response: Hello from eu-north-1
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn load_config(region: &str) -> Result<Config, Error> {
    let greeting = format!("Hello from {region}");
    Ok(Config { greeting })
}

async fn setup() -> Result<Config, lambda_stream::Error> {
    load_config("eu-north-1").await
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
