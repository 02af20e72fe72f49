struct Config;

#[lambda_stream::main]
async fn handler(config: &Config) {
    let _ = config;
}
