// `init` creates a state, and the handler takes no reference to it.
// group: state
// marked: setup
// verdict: yes, no (a lint cannot name the type of the state), yes
#![deny(warnings)]

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

#[lambda_stream::main(init = setup)]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    let config = setup().await?;
    stream.write(config.greeting).await?;
    Ok(())
}
