// A handler returns a part of its state.
// group: return
// marked: &str
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::Error;

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config {
        greeting: "Hello".to_owned(),
    })
}

#[lambda_stream::main(init = setup)]
async fn greet(config: &Config) -> &str {
    &config.greeting
}
