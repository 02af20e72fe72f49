// `init` takes a parameter.
// group: state
// marked: load_config
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn load_config(region: &str) -> Result<Config, Error> {
    let greeting = format!("Hello from {region}");
    Ok(Config { greeting })
}

#[lambda_stream::main(init = load_config)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
