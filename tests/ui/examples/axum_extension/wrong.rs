// The state is taken as axum's `Extension`.
// group: state
// marked: Extension<Arc<Config>>
// write: &Config
// verdict: yes, yes, yes
use std::sync::Arc;

use axum::Extension;
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    let greeting = "Hello".to_owned();
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: Extension<Arc<Config>>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
