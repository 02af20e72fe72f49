// event: "Ada"
// response: "Hello, Ada"
use lambda_stream::{Error, Json, Payload, Runtime, RuntimeError};

struct Config {
    greeting: &'static str,
}

async fn greet(Payload(name): Payload<String>, config: &Config) -> Json<String> {
    Json(format!("{}, {name}", config.greeting))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    let config = Config { greeting: "Hello" };
    Runtime::new().init(async || Ok::<_, Error>(config)).run(greet).await
}
