// The margin is a constant.
// group: attribute
// marked: MARGIN
// write: deadline_margin = "500ms"
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

const MARGIN: &str = "500ms";

#[lambda_stream::main(deadline_margin = MARGIN)]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
