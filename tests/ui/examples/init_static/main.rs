// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
