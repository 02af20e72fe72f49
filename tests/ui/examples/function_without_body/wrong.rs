// The handler is the method of a trait.
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

trait Greet {
    #[lambda_stream::main]
    async fn greet(&self, Payload(visitor): Payload<Visitor>, stream: ResponseStream) -> Result<(), Error>;
}
