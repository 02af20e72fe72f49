// The flavor is a wish, and not the name of a runtime.
// group: attribute
// marked: "fast"
// write: flavor = "multi_thread"
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main(flavor = "fast")]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
