struct Config;

async fn setup() -> Config {
    Config
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config) {
    let _ = config;
}
