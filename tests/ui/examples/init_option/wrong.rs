// `init` returns an `Option`.
// group: state
// marked: setup
// verdict: yes, no (it keeps the `Option` as the state), yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    region: String,
}

async fn setup() -> Option<Config> {
    let region = "nowhere".parse().ok()?;
    Some(Config { region })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(format!("Hello from {}", config.region)).await?;
    Ok(())
}
