// response: Hello from eu-north-1
use lambda_stream::{Error, ResponseStream};

trait Stage {
    const REGION: &'static str;
}

struct Production;

impl Stage for Production {
    const REGION: &'static str = "eu-north-1";
}

struct Config {
    region: &'static str,
}

async fn setup<S: Stage>() -> Result<Config, Error> {
    Ok(Config { region: S::REGION })
}

#[lambda_stream::main(init = setup::<Production>)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
