// `init` returns the state without a `Result`.
// group: state
// marked: setup
// write: Result<Config,
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Config {
    Config { greeting: "Hello" }
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
