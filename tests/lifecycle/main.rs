//! The life of a process: deadlines, its end, SnapStart, and many invocations at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod deadlines;
mod many_at_once;
mod on_a_laptop;
mod shutdown;
mod snapstart;

use std::process::Stdio;

use test_support::{Event, MockRuntimeApi, Process, script};

/// The function whose hooks and limits these variables make.
fn command(variables: &[(&str, &str)]) -> std::process::Command {
    let mut command = Process::command(env!("CARGO_BIN_EXE_lifecycle_hooks"));
    command.envs(variables.iter().copied()).stdin(Stdio::piped());
    command
}

/// A stand-in, and that function against it.
fn start_function(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(command(variables), &lambda);
    (lambda, function)
}

/// The event that asks what was called so far.
fn recorded_calls() -> Event {
    Event::json(r#""recorded_calls""#)
}
