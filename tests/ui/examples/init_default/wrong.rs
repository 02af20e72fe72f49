// `init` is the method of the trait `Default`.
// group: state
// marked: Config::default
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

impl Default for Config {
    fn default() -> Self {
        Self { greeting: "Hello" }
    }
}

#[lambda_stream::main(init = Config::default)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
