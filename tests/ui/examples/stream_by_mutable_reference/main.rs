// event: {"text":"to be or not"}
// response: to-be-or-not-
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split(' ') {
        stream.write(word).await?;
        stream.write("-").await?;
    }
    Ok(())
}
