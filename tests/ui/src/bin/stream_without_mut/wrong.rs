// The stream is not `mut`.
// group: signature
// marked: stream
// write: mut stream: ResponseStream
// verdict: no (rustc marks the use of the stream), yes, yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn chat(Payload(prompt): Payload<Prompt>, stream: ResponseStream) -> Result<(), Error> {
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
