// `init` is the state itself.
// group: attribute
// marked: Config { greeting: "Hello".to_owned() }
// write: async fn setup() -> Result<Config, lambda_stream::Error>
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

#[lambda_stream::main(init = Config { greeting: "Hello".to_owned() })]
async fn greet(Payload(visitor): Payload<Visitor>, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", config.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
