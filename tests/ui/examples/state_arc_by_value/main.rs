// response: Hello
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
async fn handler(config: &Arc<Config>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&config.greeting).await?;
    Ok(())
}
