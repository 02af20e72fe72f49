// A value is passed to `init`, in place of a function.
// group: run
// marked: config
// write: init(async || Ok::<_, Error>(
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
    let config = Config { greeting: "Hello" };
    Runtime::new().init(config).run(greet).await
}
