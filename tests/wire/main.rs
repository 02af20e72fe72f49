//! Tests of the bytes that functions send: real processes against a mock Runtime API that records all requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

mod early_response;
mod endpoint;
mod errors;
mod formats;
mod handler_forms;
mod invocation;
mod lambda_runtime;
mod prelude;
mod response_end;
mod streaming;

use test_support::{MockRuntimeApi, Process, start};

/// Starts `scripted`, which runs the steps in its event.
fn start_scripted() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_scripted"))
}
