// The handler takes a reference to an `Arc` of the state, and `init` creates it without.
// group: state
// marked: &Arc<Config>
// write: &Config
// verdict: yes, yes, yes
use std::sync::Arc;

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Arc<Config>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
