// The closure owns the client, and its future borrows it: the suggestion for a closure that borrows was followed.
// group: run
// marked: greet(&client, event)
// verdict: yes, no (the compiler does not know `Runtime::init`), yes
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
    lambda_stream::run(service_fn(move |event| greet(&client, event))).await
}
