// event: {"name":"Ada"}
// response: Hello, Ada
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

struct Greeter {
    greeting: String,
}

async fn setup() -> Result<Greeter, Error> {
    Ok(Greeter {
        greeting: "Hello".to_owned(),
    })
}

#[lambda_stream::main(init = setup)]
async fn greet(greeter: &Greeter, Payload(visitor): Payload<Visitor>, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = format!("{}, {}", greeter.greeting, visitor.name);
    stream.write(greeting).await?;
    Ok(())
}
