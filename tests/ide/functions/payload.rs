//! `Payload` and `ResponseStream`.

use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn complete(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    let words = prompt.text.split_whitespace();
    for word in words {
        let word = to_chunk(word);
        stream.write(word).await?;
    }
    Ok(())
}

/// Returns the word with a space after it.
fn to_chunk(word: &str) -> String {
    word.to_owned() + " "
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handler_can_be_named() {
        let _ = complete;
    }
}
