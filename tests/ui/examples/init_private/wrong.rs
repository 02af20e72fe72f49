// The `init` function is private to its module.
// group: state
// marked: setup
// verdict: yes, no (rustc shows the private function, and does not name `pub`), yes
use lambda_stream::{Error, ResponseStream};

mod config {
    use lambda_stream::Error;

    pub struct Config {
        pub greeting: &'static str,
    }

    async fn setup() -> Result<Config, Error> {
        Ok(Config { greeting: "Hello" })
    }
}

#[lambda_stream::main(init = config::setup)]
async fn handler(config: &config::Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
