// `init` is a function that is not async.
// group: state
// marked: setup
// write: async fn
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
