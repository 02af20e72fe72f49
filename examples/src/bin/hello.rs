//! The smallest function: a greeting, streamed word by word.
//!
//! ```sh
//! cargo run --bin hello
//! curl -N http://127.0.0.1:9000
//! curl -N http://127.0.0.1:9000 -d '{"name":"Ada"}'
//! ```
//!
//! Without a server: `cargo run --bin hello -- --event '{"name":"Ada"}'`.

use std::time::Duration;

use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Visitor {
    name: Option<String>,
}

#[lambda_stream::main]
async fn hello(Payload(visitor): Payload<Visitor>, mut stream: ResponseStream) -> Result<(), Error> {
    let name = visitor.name.as_deref().unwrap_or("world");
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in ["Hello, ", name, ", ", "this ", "is ", "a ", "stream.\n"] {
        stream.write(word).await?;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}
