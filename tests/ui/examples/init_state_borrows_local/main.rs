// response: HELLO
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let text = "Hello".to_uppercase();
    Ok(Config { greeting: text })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
