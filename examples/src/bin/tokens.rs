//! Text a word at a time, as a language model would send it.
//!
//! `cargo run --bin tokens -- --event '{"text":"one two three"}'`, or `cargo run --bin tokens`, then
//! `curl -N http://127.0.0.1:9000 -d 'one two three'`.

use std::time::Duration;

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

/// An event of one's own, or the part of a Function URL's event that matters here.
#[derive(Deserialize)]
struct Prompt {
    #[serde(alias = "body", default = "default_text")]
    text: String,
}

fn default_text() -> String {
    "Every word of this answer leaves the function as soon as it is written.".to_owned()
}

#[lambda_stream::main]
async fn tokens(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word} ")).await?;
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    stream.write("\n").await?;
    Ok(())
}
