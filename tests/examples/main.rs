//! The examples, run as real processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

mod chat;
mod download;
mod events;
mod gzip;
mod payload;
mod proxy;

use std::ffi::OsStr;

use serde_json::Value;
use test_support::{MockRuntimeApi, Process, Response, example};

/// Starts a mock Runtime API and the example with this name and environment variable.
fn start(name: &str, variable: &str, value: impl AsRef<OsStr>) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(example(name));
    command.env(variable, value);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// A prelude and the body that follows it.
struct HttpResponse<'a> {
    status: u64,
    headers: Value,
    cookies: Value,
    body: &'a [u8],
}

impl<'a> HttpResponse<'a> {
    #[track_caller]
    fn of(response: &'a Response) -> Self {
        let (mut prelude, body) = response.prelude();
        Self {
            status: prelude["statusCode"].as_u64().unwrap(),
            headers: prelude["headers"].take(),
            cookies: prelude["cookies"].take(),
            body,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }
}
