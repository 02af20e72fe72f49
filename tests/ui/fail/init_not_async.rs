use lambda_stream::Error;

struct Config;

fn setup() -> Result<Config, Error> {
    Ok(Config)
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config) {
    let _ = config;
}
