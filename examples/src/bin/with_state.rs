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

#[cfg(test)]
mod tests {
    use lambda_stream::Runtime;
    use lambda_stream::testing::Invocation;

    use super::*;

    #[tokio::test]
    async fn invocations_share_the_state() {
        let greeting = "Hello".to_owned();
        let visits = AtomicU64::new(41);
        let state = Box::leak(Box::new(State { greeting, visits }));
        for visit in [42, 43] {
            let invocation = Invocation::new("event").state(state).request_id("id-1");
            let response = invocation.run(with_state).await;
            response.assert_body(format!("Hello: visit {visit} since the cold start\nrequest id-1\n"));
        }
    }

    #[tokio::test]
    async fn setup_creates_the_state() {
        let runtime = Runtime::new().init(setup);
        let response = Invocation::new("event").runtime(runtime).run(with_state).await;
        assert!(response.text().contains(": visit 1 since"), "{response:?}");
    }
}
