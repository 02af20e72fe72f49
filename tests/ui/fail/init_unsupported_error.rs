struct Config;
struct NotAnError;

async fn setup() -> Result<Config, NotAnError> {
    Ok(Config)
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config) {
    let _ = config;
}
