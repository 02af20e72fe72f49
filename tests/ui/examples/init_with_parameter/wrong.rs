// `init` takes a parameter.
// group: state
// marked: setup
// write: async fn setup()
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup(region: &str) -> Result<Config, Error> {
    let greeting = format!("Hello from {region}");
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
