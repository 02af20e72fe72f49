// A reference parameter is the state, and nothing creates it.
// group: state
// marked: &Config
// write: #[lambda_stream::main(init = setup)]
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

#[lambda_stream::main]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
