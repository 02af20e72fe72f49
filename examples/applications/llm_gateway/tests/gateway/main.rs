//! `llm_gateway` between a fake upstream and callers: a mock Runtime API, which sees each byte of the response, and the
//! `openai` packages of PyPI and npm, which call the local mode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failing test panics and prints"
)]

mod clients;
mod errors;
mod fake_upstream;
mod limits;
mod log;
mod requests;
mod streams;
mod tls;

use std::process::Command;

use serde_json::{Value, json};
use test_support::{Event, HttpEvent, MockRuntimeApi, PendingInvocation, Process, Response};

use crate::fake_upstream::FakeUpstream;

const TOKEN: &str = "token-of-caller";
const KEY: &str = "key-of-upstream";

/// Returns the command that starts the gateway, with a model `small` at this upstream.
fn gateway(upstream: &FakeUpstream) -> Command {
    let url = upstream.url();
    let models = json!({
        "small": {"base_url": url, "model": "upstream-small", "key_variable": "UPSTREAM_KEY"},
        "vendor/*": {"base_url": url, "model": "*", "include_usage": false},
        // No program listens on port 1.
        "unreachable": {"base_url": "http://127.0.0.1:1/v1"},
    });
    let mut command = Process::command(env!("CARGO_BIN_EXE_llm_gateway"));
    command
        .env("GATEWAY_TOKENS", format!("another,{TOKEN}"))
        .env("GATEWAY_MODELS", models.to_string())
        .env("UPSTREAM_KEY", KEY);
    command
}

/// The gateway on a mock Runtime API.
struct Setup {
    lambda: MockRuntimeApi,
    function: Process,
    upstream: FakeUpstream,
}

fn start() -> Setup {
    start_with(|_| {})
}

/// Starts the gateway with another configuration.
fn start_with(configure: impl FnOnce(&mut Command)) -> Setup {
    let upstream = FakeUpstream::start();
    let mut command = gateway(&upstream);
    configure(&mut command);
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function_with(command, &lambda);
    Setup {
        lambda,
        function,
        upstream,
    }
}

/// Starts the gateway such that callers get a comment after a second without an event.
fn start_with_short_keep_alive() -> Setup {
    start_with(|command| {
        command.env("GATEWAY_KEEP_ALIVE_SECONDS", "1");
    })
}

impl Setup {
    fn queue(&self, event: impl Into<Event>) -> PendingInvocation {
        self.lambda.queue(event)
    }

    /// Requests a streamed completion.
    fn stream(&self) -> PendingInvocation {
        self.queue(request(json!({"stream": true})))
    }

    /// Requests a completion that is not streamed.
    fn complete(&self) -> PendingInvocation {
        self.queue(request(json!({})))
    }
}

/// Returns a request for a completion of the model `small`. `fields` are added to its body.
fn request(fields: Value) -> HttpEvent {
    let mut body = json!({"model": "small", "messages": [{"role": "user", "content": "Hello"}]});
    let Value::Object(fields) = fields else {
        panic!("{fields} is no object");
    };
    for (name, value) in fields {
        body[name] = value;
    }
    post(body.to_string())
}

fn post(body: impl AsRef<[u8]>) -> HttpEvent {
    Event::function_url("POST", "/v1/chat/completions")
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .body(body)
}

fn status(response: &Response) -> u64 {
    response.prelude().0["statusCode"].as_u64().unwrap()
}

/// Returns the data of the events so far. Comments are left out.
fn data(response: &Response) -> Vec<String> {
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["headers"]["content-type"], "text/event-stream");
    let body = std::str::from_utf8(body).unwrap();
    let events = body.split_terminator("\n\n").filter(|event| *event != ":");
    events
        .map(|event| event.strip_prefix("data: ").unwrap().to_owned())
        .collect()
}

/// Asserts that a response has this status and an error object, and returns the object.
#[track_caller]
fn error_of(response: &Response, expected: u64) -> Value {
    let (prelude, body) = response.prelude();
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(prelude["statusCode"], expected, "{body}");
    assert_eq!(prelude["headers"]["content-type"], "application/json");
    assert!(body["error"]["message"].is_string(), "{body}");
    body["error"].clone()
}

/// Asserts that a response consists of these tokens and an error with this message, and does not look complete. Returns
/// the error object.
#[track_caller]
fn assert_broken_off(response: &Response, tokens: &[&str], message: &str) -> Value {
    assert_eq!(status(response), 200);
    let mut data = data(response);
    let error: Value = serde_json::from_str(&data.pop().unwrap()).unwrap();
    assert_eq!(error["error"]["message"], message);
    let expected: Vec<_> = tokens
        .iter()
        .map(|text| fake_upstream::token(text).to_string())
        .collect();
    assert_eq!(data, expected);
    let reported = response.error();
    assert_eq!(
        (reported.error_type.as_str(), reported.message.as_str()),
        ("Function.UpstreamFailed", message)
    );
    error["error"].clone()
}
