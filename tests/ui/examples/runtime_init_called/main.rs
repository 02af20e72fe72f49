// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Error, Json, Payload, Runtime, RuntimeError};

struct Config {
    greeting: &'static str,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config { greeting: "Hello" })
}

async fn greet(Payload(name): Payload<String>, config: &Config) -> Json<String> {
    Json(format!("{}, {name}", config.greeting))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().init(setup).run(greet).await
}
