// `init` is a constructor that is neither async nor returns a `Result`.
// group: state
// marked: Config::new
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

impl Config {
    fn new() -> Self {
        Self { greeting: "Hello" }
    }
}

#[lambda_stream::main(init = Config::new)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
