//! The setup that most tests start with.

use std::ffi::OsStr;
use std::process::Command;

use serde_json::{Value, json};

use crate::{Event, MockRuntimeApi, Process};

/// Starts a mock Runtime API and the function at this path.
///
/// # Panics
/// If the program does not exist.
#[track_caller]
pub fn start(path: impl AsRef<OsStr>) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function(path, &lambda);
    (lambda, function)
}

/// Starts a function in local mode on a free port. Returns its process and its URL.
///
/// # Panics
/// If the function does not print its URL.
#[track_caller]
pub fn serve(mut command: Command) -> (Process, String) {
    command.args(["--port", "0"]);
    let function = Process::spawn(command);
    let url = function.wait_for_url();
    (function, url)
}

/// Returns an event for a function that interprets its event as a list of steps, such as `scripted`.
pub fn script(steps: Value) -> Event {
    Event::json(json!({ "steps": steps }).to_string())
}
