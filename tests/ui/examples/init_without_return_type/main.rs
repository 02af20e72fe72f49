// response: ready
use std::sync::OnceLock;

use lambda_stream::{Error, ResponseStream};

static STATUS: OnceLock<&str> = OnceLock::new();

async fn setup() -> Result<(), Error> {
    STATUS.get_or_init(|| "ready");
    Ok(())
}

#[lambda_stream::main(init = setup)]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(STATUS.get().unwrap_or(&"not ready")).await?;
    Ok(())
}
