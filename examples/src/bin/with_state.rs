//! Start-up work and shared state: `init` runs once at cold start, and every invocation sees what it made.
//!
//! `cargo run --bin with_state`, then `curl -N http://127.0.0.1:9000`, more than once.

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream::{Context, Error, ResponseStream};

struct State {
    greeting: String,
    visits: AtomicU64,
}

/// Where a real function would read its configuration, or connect to a database.
async fn setup() -> Result<State, Error> {
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Welcome".to_owned());
    if greeting.is_empty() {
        return Err(Error::new("GREETING is empty: set it to a word, or not at all"));
    }
    Ok(State {
        greeting,
        visits: AtomicU64::new(0),
    })
}

#[lambda_stream::main(init = setup)]
async fn with_state(state: &State, context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    let visit = state.visits.fetch_add(1, Ordering::Relaxed) + 1;
    stream.set_content_type("text/plain; charset=utf-8")?;
    stream
        .write(format!("{}: visit {visit} since the cold start\n", state.greeting))
        .await?;
    stream.write(format!("request {}\n", context.request_id())).await?;
    Ok(())
}
