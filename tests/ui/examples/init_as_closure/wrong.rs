// `init` is a closure, as for `Runtime::init`.
// group: attribute
// marked: || async { Ok(Config { greeting: "Hello".to_owned() }) }
// write: init = setup
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

#[lambda_stream::main(init = || async { Ok(Config { greeting: "Hello".to_owned() }) })]
async fn greet(Payload(visitor): Payload<Visitor>, config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", config.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
