// The handler is a method.
// group: signature
// marked: &self
// write: init = setup
// verdict: yes, yes, no (rustc also reports that `main` is missing)
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

struct Greeter {
    greeting: String,
}

impl Greeter {
    #[lambda_stream::main]
    async fn greet(&self, Payload(visitor): Payload<Visitor>, mut stream: ResponseStream) -> Result<(), Error> {
        let greeting = format!("{}, {}", self.greeting, visitor.name);
        stream.write(greeting).await?;
        Ok(())
    }
}
