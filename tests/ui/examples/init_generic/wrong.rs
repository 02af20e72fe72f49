// `init` is generic, and nothing tells its type argument.
// group: state
// marked: setup
// write: setup::<
// verdict: yes, yes, yes
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

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
