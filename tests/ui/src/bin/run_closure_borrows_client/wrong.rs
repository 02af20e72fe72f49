// A closure borrows a client of `main`, as with `lambda_runtime`.
// group: run
// marked: &client
// write: .init(
// verdict: yes, yes, yes
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
