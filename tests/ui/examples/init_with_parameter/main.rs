// response: Hello from eu-north-1
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let region = "eu-north-1";
    let greeting = format!("Hello from {region}");
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
