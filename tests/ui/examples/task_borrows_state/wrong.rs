// A spawned task borrows the state, whose lifetime is elided.
// group: send
// marked: tokio::spawn(async move { stream.write(&config.greeting).await })
// verdict: no (the compiler marks the call, and labels the parameter), no (it says `'static`, and not the type to write), yes
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
async fn greet(config: &Config, mut stream: ResponseStream) {
    tokio::spawn(async move { stream.write(&config.greeting).await });
}
