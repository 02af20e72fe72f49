//! How most tests begin: a stand-in, a function against it, and an event that says step by step what it does.

use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::{Event, Function, StandIn};

/// A stand-in, and the function of this path against it.
///
/// # Panics
/// When there is no such program.
#[track_caller]
pub fn start(path: impl AsRef<OsStr>) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let function = Function::spawn(path, &lambda);
    (lambda, function)
}

/// An event for a function that does what its event says.
pub fn script(steps: Value) -> Event {
    Event::json(json!({ "steps": steps }).to_string())
}
