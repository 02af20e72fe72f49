// The generic arguments of the function have no `::`.
// group: attribute
// marked: load<Config>
// write: init = load::<Config>
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

async fn load<T: From<String>>() -> Result<T, Error> {
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
    Ok(T::from(greeting))
}

impl From<String> for Config {
    fn from(greeting: String) -> Self {
        Self { greeting }
    }
}

#[lambda_stream::main(init = load<Config>)]
async fn greet(Payload(visitor): Payload<Visitor>, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", config.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
