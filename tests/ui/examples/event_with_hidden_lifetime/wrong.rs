// The lifetime of the event's type is left out.
// group: parameters
// marked: Prompt
// verdict: yes, no (rustc suggests `Prompt<'_>`, which borrows too), yes
use std::borrow::Cow;

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(prompt.text.to_uppercase()).await?;
    Ok(())
}
