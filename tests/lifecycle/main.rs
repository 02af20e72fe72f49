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

use lambda_stream_tests::{Event, Function, StandIn, script};

/// The function whose hooks and limits these variables make.
fn command(variables: &[(&str, &str)]) -> std::process::Command {
    let mut command = Function::command(env!("CARGO_BIN_EXE_living"));
    command.envs(variables.iter().copied()).stdin(Stdio::piped());
    command
}

/// A stand-in, and that function against it.
fn living(variables: &[(&str, &str)]) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let function = Function::spawn_with(command(variables), &lambda);
    (lambda, function)
}

/// The event that asks what was called so far.
fn story() -> Event {
    Event::json(r#""story""#)
}
