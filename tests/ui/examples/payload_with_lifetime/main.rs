// event: {"text":"hello"}
// response: HELLO
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt.text.to_uppercase()).await?;
    Ok(())
}
