// The handler takes what `init` returns, and not what it creates.
// group: state
// marked: &Result<Config, Error>
// write: &Config
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Result<Config, Error>, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = config.as_ref().map_or("", |config| &config.greeting);
    stream.write(greeting).await?;
    Ok(())
}
