// event: "Ada"
// response: Hello, Ada
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(name: String, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("{}, {name}", config.greeting)).await?;
    Ok(())
}
