// The stream is taken by mutable reference.
// group: parameters
// marked: &mut ResponseStream
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt, stream: &mut ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split(' ') {
        stream.write(word).await?;
        stream.write("-").await?;
    }
    Ok(())
}
