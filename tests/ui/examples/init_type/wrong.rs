// `init` is the type of the state instead of a function.
// group: state
// marked: Config
// verdict: yes, no (rustc suggests a struct literal), yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

#[lambda_stream::main(init = Config)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
