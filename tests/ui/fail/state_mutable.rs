use lambda_stream::Error;

struct Config;

async fn setup() -> Result<Config, Error> {
    Ok(Config)
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &mut Config) {
    let _ = config;
}
