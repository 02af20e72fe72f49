// The margin is a `Duration`, as for `Runtime::deadline_margin`.
// group: attribute
// marked: std::time::Duration::from_millis(500)
// write: deadline_margin = "500ms"
// verdict: yes, yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main(deadline_margin = std::time::Duration::from_millis(500))]
async fn chat(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
