//! Functions as Lambda sees them: real processes, against a Runtime API that sees every byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod concurrency;
mod ending;
mod faults;
mod formats;
mod forms;
mod invocation;
mod prelude;
mod process;
mod streaming;

use lambda_stream_tests::{Event, Function, StandIn};
use serde_json::Value;

/// A stand-in, and the function of this name against it.
fn start(path: &str) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let function = Function::spawn(path, &lambda);
    (lambda, function)
}

/// The function that does what its event says.
fn scripted() -> (StandIn, Function) {
    start(env!("CARGO_BIN_EXE_scripted"))
}

/// An event for it.
fn script(steps: Value) -> Event {
    Event::json(serde_json::json!({ "steps": steps }).to_string())
}
