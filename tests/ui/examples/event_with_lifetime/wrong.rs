// A field of the event borrows from the bytes of the event.
// group: parameters
// marked: Prompt<'_>
// verdict: yes, no (rustc does not name the field that borrows), yes
use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt<'a> {
    text: &'a str,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt<'_>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt.text.to_uppercase()).await?;
    Ok(())
}
