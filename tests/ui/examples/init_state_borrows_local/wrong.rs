// The state borrows from a local variable of `init`.
// group: state
// marked: Ok(Config { greeting: &text })
// verdict: yes, no (rustc does not name a type that owns the text), yes
use lambda_stream::{Error, ResponseStream};

struct Config<'a> {
    greeting: &'a str,
}

async fn setup() -> Result<Config<'static>, Error> {
    let text = "Hello".to_uppercase();
    Ok(Config { greeting: &text })
}

#[lambda_stream::main(init = setup)]
async fn handler(config: &Config<'static>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
