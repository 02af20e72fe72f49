// event: {"text":"hello"}
// response: HELLO
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt.text.to_uppercase()).await?;
    Ok(())
}
