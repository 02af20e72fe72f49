// The state is taken by value, and its type could also be deserialized from the event.
// group: state
// marked: Config
// write: &Config
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(serde_json::from_str(r#"{"greeting":"Hello"}"#)?)
}

#[lambda_stream::main(init = setup)]
async fn handler(config: Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
