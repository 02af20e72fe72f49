// The state is taken through a type alias that hides the reference, and nothing creates it.
// group: state
// marked: State<'_>
// verdict: yes, no (it takes the reference for the type of an event), yes
use lambda_stream::{Error, ResponseStream};

struct Config {
    greeting: &'static str,
}

type State<'a> = &'a Config;

#[lambda_stream::main]
async fn handler(config: State<'_>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(config.greeting).await?;
    Ok(())
}
