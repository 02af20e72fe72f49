//! Tests of the lifecycle of a process: deadlines, shutdown, SnapStart, concurrent invocations, logging and local mode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

mod busy_handlers;
mod concurrency;
mod concurrency_limit;
mod deadlines;
mod layers;
mod local_mode;
mod logging;
mod long_init;
mod random_handlers;
mod shutdown;
mod shutdown_limits;
mod snapstart;

use std::process::Stdio;

use test_support::{Event, MockRuntimeApi, Process};

/// Returns a command for `lifecycle_hooks` with these environment variables, which configure its hooks and its margin.
fn command(variables: &[(&str, &str)]) -> std::process::Command {
    let mut command = Process::command(env!("CARGO_BIN_EXE_lifecycle_hooks"));
    command.envs(variables.iter().copied()).stdin(Stdio::piped());
    command
}

/// Starts a mock Runtime API, and `lifecycle_hooks` with these environment variables.
fn start_function(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(command(variables), &lambda);
    (lambda, function)
}

/// Returns the event to which `lifecycle_hooks` responds with its recorded calls of `init` and hooks.
fn recorded_calls() -> Event {
    Event::json(r#""recorded_calls""#)
}
