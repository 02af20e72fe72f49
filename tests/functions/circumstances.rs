//! A function that takes every kind of parameter, and answers with what it was given.
//!
//! Its start-up fails where the variable `INIT` is `error` or `panic`.
#![allow(clippy::panic, reason = "it may be asked to")]

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_stream::{Context, Error, RawEvent, ResponseStream};
use serde_json::{Value, json};

struct State {
    invocations: AtomicU64,
}

async fn setup() -> Result<State, String> {
    match std::env::var("INIT").as_deref() {
        Ok("error") => Err("the database is not there".to_owned()),
        Ok("panic") => panic!("the configuration is odd"),
        _ => Ok(State {
            invocations: AtomicU64::new(0),
        }),
    }
}

#[lambda_stream::main(init = setup)]
async fn circumstances(
    event: Value,
    raw: RawEvent,
    state: &State,
    context: Context,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    let answer = json!({
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
    stream.write(answer.to_string()).await?;
    Ok(())
}
