// event: {"text":"to be"}
// response: to!be!
use lambda_stream::{Error, Payload, ResponseStream, Runtime, RuntimeError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().buffer_size(65536).run(chat).await
}
