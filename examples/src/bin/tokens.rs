//! `Payload`: one function for JSON bodies, query strings and events. It streams a text as a language model would, one word
//! at a time.
//!
//! ```sh
//! cargo run --bin tokens
//! curl -N http://127.0.0.1:9000 -d '{"text":"one two three"}'
//! curl -N 'http://127.0.0.1:9000?text=one+two+three'
//! ```
//!
//! Without a server: `cargo run --bin tokens -- --event '{"text":"one two three"}'`.

use std::time::Duration;

use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    #[serde(default = "default_text")]
    text: String,
}

fn default_text() -> String {
    "Each word of this response is sent when it is written.".to_owned()
}

#[lambda_stream::main]
async fn tokens(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word} ")).await?;
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    stream.write("\n").await?;
    Ok(())
}
