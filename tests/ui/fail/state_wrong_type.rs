use lambda_stream::Error;

struct Config;
struct Settings;

async fn setup() -> Result<Config, Error> {
    Ok(Config)
}

#[lambda_stream::main(init = setup)]
async fn handler(settings: &Settings) {
    let _ = settings;
}
