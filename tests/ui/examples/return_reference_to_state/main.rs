// response: Hello
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config {
        greeting: "Hello".to_owned(),
    })
}

#[lambda_stream::main(init = setup)]
async fn greet(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
