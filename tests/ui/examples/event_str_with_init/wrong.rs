// The event is a string slice in a function that has a state.
// group: parameters
// marked: &str
// write: String
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
async fn handler(name: &str, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{}, {name}", config.greeting)).await?;
    Ok(())
}
