// A field of the payload borrows from the event.
// group: parameters
// marked: Payload<Prompt<'_>>
// verdict: yes, no (rustc does not name the field that borrows), yes
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt<'a> {
    text: &'a str,
}

#[lambda_stream::main]
async fn handler(Payload(prompt): Payload<Prompt<'_>>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt.text.to_uppercase()).await?;
    Ok(())
}
