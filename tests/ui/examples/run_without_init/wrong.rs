// The handler takes a state, and no `init` creates it.
// group: run
// marked: greet
// write: .init(
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload, Runtime, RuntimeError};

struct Config {
    greeting: &'static str,
}

async fn greet(Payload(name): Payload<String>, config: &Config) -> Json<String> {
    Json(format!("{}, {name}", config.greeting))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().run(greet).await
}
