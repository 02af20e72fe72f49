//! The setup that most tests start with.

use std::ffi::OsStr;

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

/// Returns an event for a function that interprets its event as a list of steps, such as `scripted`.
pub fn script(steps: Value) -> Event {
    Event::json(json!({ "steps": steps }).to_string())
}
