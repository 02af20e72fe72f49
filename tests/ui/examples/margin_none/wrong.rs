// The margin is `None`, as for `Runtime::deadline_margin`.
// group: attribute
// marked: None
// write: deadline_margin = "off"
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main(deadline_margin = None)]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
