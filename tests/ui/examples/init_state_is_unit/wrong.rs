// `init` returns `()`, and the handler takes a reference to the type that it only loads.
// group: state
// marked: &Config
// verdict: yes, no (it names the state `()`, and not the type that `init` should return), yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Result<(), Error> {
    let _config = Config { greeting: "Hello" };
    Ok(())
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
