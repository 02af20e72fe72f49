// The state is an `Arc`, and the handler takes a clone of it.
// group: state
// marked: Arc<Config>
// write: &Arc<Config>
// verdict: yes, yes, yes
use std::sync::Arc;

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Arc<Config>, Error> {
    let greeting = "Hello".to_owned();
    Ok(Arc::new(Config { greeting }))
}

#[lambda_stream::main(init = setup)]
async fn handler(config: Arc<Config>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
