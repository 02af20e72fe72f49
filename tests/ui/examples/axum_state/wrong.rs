// The state is taken as axum's `State`.
// group: state
// marked: State<Config>
// write: &Config
// verdict: yes, yes, yes
use axum::extract::State;
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: State<Config>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
