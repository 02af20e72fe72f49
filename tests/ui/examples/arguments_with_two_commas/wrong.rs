// An argument was removed, and its comma was not.
// group: attribute
// marked: ,
// write: remove this `,`
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

async fn setup() -> Result<Config, Error> {
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup, , logging = true)]
async fn greet(Payload(visitor): Payload<Visitor>, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", config.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
