// `init` calls an associated function of the state.
// group: attribute
// marked: ()
// write: init = Config::from_env
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

struct Config {
    greeting: String,
}

impl Config {
    async fn from_env() -> Result<Self, Error> {
        let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
        Ok(Self { greeting })
    }
}

#[lambda_stream::main(init = Config::from_env())]
async fn greet(Payload(visitor): Payload<Visitor>, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", config.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
