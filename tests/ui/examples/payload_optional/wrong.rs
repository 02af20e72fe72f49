// The payload is optional, as an optional extractor of axum.
// group: parameters
// marked: Option<Payload<Prompt>>
// write: Payload<Option<Prompt>>
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(prompt: Option<Payload<Prompt>>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = match &prompt {
        Some(prompt) => &prompt.text,
        None => "no prompt",
    };
    stream.write(text).await?;
    Ok(())
}
