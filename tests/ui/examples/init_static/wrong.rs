// `init` is a static with the state instead of a function.
// group: state
// marked: CONFIG
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

static CONFIG: Config = Config { greeting: "Hello" };

#[lambda_stream::main(init = CONFIG)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
