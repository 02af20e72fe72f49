// The write is not awaited.
// group: signature
// marked: stream.write(format!("{word}!"))?
// write: .await
// verdict: no (rustc marks the whole call), yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!"))?;
    }
    Ok(())
}
