// `init` is a function of another crate that returns no `Result`.
// group: state
// marked: sdk::load_from_env
// write: async fn setup() -> Result<
// verdict: yes, yes, yes
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

#[lambda_stream::main(init = sdk::load_from_env)]
async fn handler(config: &sdk::Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.region).await?;
    Ok(())
}
