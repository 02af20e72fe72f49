// The handler takes a state of another type than `init` creates.
// group: state
// marked: &Settings
// write: &Config
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Settings {
    greeting: String,
}

struct Config {
    greeting: String,
}

fn load() -> Settings {
    let greeting = "Hello".to_owned();
    Settings { greeting }
}

async fn setup() -> Result<Config, Error> {
    let greeting = load().greeting.to_uppercase();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Settings, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
