//! The smallest function: a greeting, a word at a time.
//!
//! `cargo run --bin hello`, then `curl -N http://127.0.0.1:9000`; or
//! `cargo run --bin hello -- --event '{"name":"Ada"}'`.

use std::time::Duration;

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Visitor {
    #[serde(default)]
    name: Option<String>,
}

#[lambda_stream::main]
async fn hello(visitor: Visitor, mut stream: ResponseStream) -> Result<(), Error> {
    let name = visitor.name.as_deref().unwrap_or("world");
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in ["Hello, ", name, ", ", "this ", "is ", "a ", "stream.\n"] {
        stream.write(word).await?;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}
