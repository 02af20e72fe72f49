//! Initialization and shared state: `init` runs once at cold start, and each invocation gets a reference to its result.
//!
//! ```sh
//! cargo run --bin with_state
//! curl -N http://127.0.0.1:9000
//! curl -N http://127.0.0.1:9000
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream::{Context, Error, ResponseStream};

struct State {
    greeting: String,
    visits: AtomicU64,
}

/// Creates the state. A real function would read its configuration or connect to a database here.
async fn setup() -> Result<State, Error> {
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Welcome".to_owned());
    if greeting.is_empty() {
        return Err(Error::new("GREETING is empty: set it to a greeting or unset it"));
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
