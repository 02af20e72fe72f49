// event: {"text":"to be"}
// response: to!be!
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main(flavor = "multi_thread")]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
