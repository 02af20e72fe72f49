// A field of the state is an `Rc`.
// group: state
// marked: &Config
// verdict: yes, no (rustc names `Rc<str>`, and not what replaces it), no (rustc reports `Send` and `Sync` apart)
use std::rc::Rc;

use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: Rc<str>,
}

async fn setup() -> Result<Config, Error> {
    let greeting = Rc::from("Hello");
    Ok(Config { greeting })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(&*config.greeting).await?;
    Ok(())
}
