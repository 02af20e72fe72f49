// event: null
// response: no prompt
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<Option<Prompt>>, mut stream: ResponseStream) -> Result<(), Error> {
    let text = match &prompt {
        Some(prompt) => &prompt.text,
        None => "no prompt",
    };
    stream.write(text).await?;
    Ok(())
}
