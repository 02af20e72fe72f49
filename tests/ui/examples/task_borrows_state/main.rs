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
async fn greet(config: &'static Config, mut stream: ResponseStream) {
    tokio::spawn(async move { stream.write(&config.greeting).await });
}
