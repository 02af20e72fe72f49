// response: Hello from nowhere
use lambda_stream::{Error, ResponseStream};

struct Config {
    region: String,
}

async fn setup() -> Result<Config, Error> {
    let region = "nowhere".parse()?;
    Ok(Config { region })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
