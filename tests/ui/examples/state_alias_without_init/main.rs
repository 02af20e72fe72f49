// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

type State<'a> = &'a Config;

async fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: State<'_>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
