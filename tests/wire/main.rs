//! Functions as Lambda sees them: real processes, against a Runtime API that sees every byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod ending;
mod formats;
mod forms;
mod invocation;
mod prelude;
mod streaming;

use test_support::{MockRuntimeApi, Process, script, start};

/// The function that does what its event says.
fn scripted() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_scripted"))
}
