//! A function with every kind of parameter. Its response contains the values of the parameters.
//!
//! `init` fails if the variable `INIT` is `error`, and panics if it is `panic`.
#![allow(clippy::panic, reason = "the test can request a panic")]

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream::{Context, Error, RawEvent, ResponseStream};
use serde_json::{Value, json};

struct State {
    invocations: AtomicU64,
}

async fn init() -> Result<State, String> {
    match std::env::var("INIT").as_deref() {
        Ok("error") => Err("the database is not available".to_owned()),
        Ok("panic") => panic!("invalid configuration"),
        _ => Ok(State {
            invocations: AtomicU64::new(0),
        }),
    }
}

#[lambda_stream::main(init = init, logging = false)]
async fn all_parameters(
    event: Value,
    raw: RawEvent,
    state: &State,
    context: Context,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let parameters = json!({
        "event": event,
        "raw": String::from_utf8_lossy(&raw),
        "invocation": state.invocations.fetch_add(1, Ordering::Relaxed) + 1,
        "request_id": context.request_id(),
        "has_deadline": context.deadline().is_some(),
        "remaining_seconds": context.remaining().map(|remaining| remaining.as_secs()),
        "arn": context.invoked_function_arn(),
        "trace_id": context.trace_id(),
        "tenant_id": context.tenant_id(),
        "client_context": context.client_context(),
        "identity": context.identity(),
    });
    stream.set_content_type("application/json")?;
    stream.write(parameters.to_string()).await?;
    Ok(())
}
