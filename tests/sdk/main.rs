//! Tests of the Lambda API of local mode: raw requests, and the AWS SDKs for Python and JavaScript.
//!
//! The tests of `sdks` install the SDKs into `target/packages`. Without `python3` or `node`, or without their registries, they
//! print "skipped" and pass. With the variable `REQUIRE_PACKAGES=1` they fail instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failing test panics and prints"
)]

mod event_stream;
mod invoke;
mod parameters;
mod response_stream;
mod sdks;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_support::{HttpResponse, Process, send_request};

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");
const ALL_PARAMETERS: &str = env!("CARGO_BIN_EXE_all_parameters");
const JSON_DOCUMENT: &str = env!("CARGO_BIN_EXE_json_document");

const INVOKE: &str = "/2015-03-31/functions/a/invocations";
const RESPONSE_STREAM: &str = "/2021-11-15/functions/a/response-streaming-invocations";

/// Starts the function at this path in local mode, with these arguments. Returns its process and its URL.
fn serve(path: &str, arguments: &[&str]) -> (Process, String) {
    let mut command = Process::command(path);
    command.args(arguments);
    test_support::serve(command)
}

/// Returns a request that asks the server to close the connection. Each header is a line without its end.
fn post(path: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Returns an event for the function `scripted`.
fn script(steps: Value) -> String {
    json!({ "steps": steps }).to_string()
}

/// Calls `Invoke` with these steps for the function `scripted`.
#[track_caller]
fn invoke(url: &str, headers: &[&str], steps: Value) -> HttpResponse {
    send_request(url, post(INVOKE, headers, script(steps)))
}

/// Asserts that the response is an error of this type, and returns its message.
#[track_caller]
fn assert_error(response: &HttpResponse, status: u16, error_type: &str) -> String {
    assert_eq!(
        (response.status(), response.header("x-amzn-errortype")),
        (status, Some(error_type)),
        "{}",
        response.text()
    );
    assert!(response.header("x-amzn-requestid").is_some());
    assert_eq!(response.json()["Type"], "User");
    response.json()["message"].as_str().unwrap().to_owned()
}

/// Decodes a log result. Leaves out the lines that the library writes: metrics, and the error of a failed invocation.
#[track_caller]
fn decode_log(log_result: &str) -> String {
    let log = STANDARD.decode(log_result).unwrap();
    assert!(log.len() <= 4096, "{}", log.len());
    let is_of_library = |line: &str| line.starts_with('{') || line.starts_with("lambda-stream: ");
    let log = String::from_utf8(log).unwrap();
    let lines = log.split_inclusive('\n').filter(|line| !is_of_library(line));
    lines.collect()
}
