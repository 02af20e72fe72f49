//! What the examples promise, asked of real processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

mod chat;
mod download;
mod gzip;
mod proxy;

use std::ffi::OsStr;

use serde_json::Value;
use test_support::{MockRuntimeApi, Process, Response, example};

/// A stand-in, and against it the example of this name with this variable.
fn start(name: &str, variable: &str, value: impl AsRef<OsStr>) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(example(name));
    command.env(variable, value);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// An HTTP answer, taken apart.
struct HttpResponse<'a> {
    status: u64,
    headers: Value,
    cookies: Value,
    body: &'a [u8],
}

impl<'a> HttpResponse<'a> {
    #[track_caller]
    fn of(answer: &'a Response) -> Self {
        let (mut prelude, body) = answer.prelude();
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
