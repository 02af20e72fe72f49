// The state is a string, and the handler takes it as `String`.
// group: state
// marked: String
// write: &String
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

async fn setup() -> Result<String, Error> {
    Ok("Hello".to_owned())
}

#[lambda_stream::main(init = setup)]
async fn handler(greeting: String, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(greeting).await?;
    Ok(())
}
