// A closure borrows a client of `main`, as with `lambda_runtime`.
// group: run
// marked: |event|
// verdict: no (the compiler marks the closure, and labels `client`), no (its suggestion `move` leads to the next error), yes
use lambda_stream::{Error, LambdaEvent, RuntimeError, service_fn};

struct Client {
    greeting: &'static str,
}

async fn greet(client: &Client, event: LambdaEvent<String>) -> Result<String, Error> {
    Ok(format!("{}, {}", client.greeting, event.payload))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let client = Client { greeting: "Hello" };
    lambda_stream::run(service_fn(|event| greet(&client, event))).await
}
