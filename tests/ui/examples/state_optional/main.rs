// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = &config.greeting;
    stream.write(greeting).await?;
    Ok(())
}
