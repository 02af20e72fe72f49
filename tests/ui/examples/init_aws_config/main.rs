// response: eu-north-1
use lambda_stream::{Error, ResponseStream};

/// A part of an SDK.
mod sdk {
    pub struct Config {
        pub region: &'static str,
    }

    pub async fn load_from_env() -> Config {
        Config { region: "eu-north-1" }
    }
}

async fn setup() -> Result<sdk::Config, Error> {
    Ok(sdk::load_from_env().await)
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &sdk::Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.region).await?;
    Ok(())
}
