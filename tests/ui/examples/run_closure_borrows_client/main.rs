// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Error, Json, LambdaEvent, Runtime, RuntimeError};

struct Client {
    greeting: &'static str,
}

async fn greet(client: &Client, event: LambdaEvent<String>) -> Json<String> {
    Json(format!("{}, {}", client.greeting, event.payload))
}

async fn setup() -> Result<Client, Error> {
    Ok(Client { greeting: "Hello" })
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().init(setup).run(greet).await
}
