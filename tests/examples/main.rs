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
use test_support::{Event, MockRuntimeApi, Process, Response, example};

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

/// Asserts that the response to a request has this status and type, and contains this text.
#[track_caller]
fn assert_text(lambda: &MockRuntimeApi, method: &str, target: &str, status: u64, media_type: &str, text: &str) {
    let response = lambda.invoke(Event::function_url(method, target));
    let http = HttpResponse::of(&response);
    assert_eq!(
        (http.status, http.header("content-type")),
        (status, Some(media_type)),
        "{target}"
    );
    assert!(std::str::from_utf8(http.body).unwrap().contains(text), "{target}");
}
