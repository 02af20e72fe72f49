// The state is taken as an optional reference.
// group: state
// marked: Option<&Config>
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
async fn handler(config: Option<&Config>, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = config.map_or("", |config| &config.greeting);
    stream.write(greeting).await?;
    Ok(())
}
