//! The forms of `AWS_LAMBDA_RUNTIME_API`: `host:port`, a URL, and a URL with a base path.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, script};

/// Starts `scripted` with this value of `AWS_LAMBDA_RUNTIME_API`.
fn spawn(endpoint: &str) -> Process {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_RUNTIME_API", endpoint);
    Process::spawn(command)
}

#[test]
fn url_with_scheme_is_accepted() {
    for suffix in ["", "/", "//"] {
        for scheme in ["", "http://", "HTTP://"] {
            let lambda = MockRuntimeApi::start();
            let _function = spawn(&format!("{scheme}{}{suffix}", lambda.address()));
            assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
        }
    }
}

#[test]
fn base_path_precedes_every_call() {
    for suffix in ["", "/"] {
        let lambda = MockRuntimeApi::start_at("/base/path");
        let _function = spawn(&(lambda.address() + suffix));
        let response = lambda.invoke(script(json!([{"write": "hi"}])).request_id("1"));
        assert_eq!(
            (response.text(), response.path()),
            ("hi", "/base/path/2018-06-01/runtime/invocation/1/response")
        );
        let response = lambda.invoke(script(json!([{"fail": "no luck"}])).request_id("2"));
        assert_eq!(response.path(), "/base/path/2018-06-01/runtime/invocation/2/error");
        lambda.wait_for_next();
        assert_eq!(lambda.calls(), ["next", "response", "next", "error", "next"]);
    }
}

#[test]
fn base_path_precedes_extension_and_init_calls() {
    let start = |init| {
        let lambda = MockRuntimeApi::start_at("/.rt/name");
        let mut command = Process::command(env!("CARGO_BIN_EXE_lifecycle_hooks"));
        command.env("ON_SHUTDOWN", "ok").env("INIT", init);
        (Process::spawn_function_with(command, &lambda), lambda)
    };
    let (_function, lambda) = start("ok");
    let registration = lambda.wait_for_registration();
    assert_eq!(registration.path(), "/.rt/name/2020-01-01/extension/register");
    lambda.wait_for_extension();

    let (function, lambda) = start("error");
    assert_eq!(
        lambda.wait_for_init_error().path(),
        "/.rt/name/2018-06-01/runtime/init/error"
    );
    assert_eq!(function.exit_code(), Some(1));
}

/// The process explains the value in one log line and exits with status 1.
#[track_caller]
fn assert_invalid(endpoint: &str, reason: &str) {
    let function = spawn(endpoint);
    assert_eq!(function.exit_code(), Some(1), "{endpoint:?}");
    let log = function.stderr();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(
        log.starts_with(&format!(
            "lambda-stream: AWS_LAMBDA_RUNTIME_API is {endpoint:?}, which cannot be used: {reason}"
        )) && log.contains("`host:port`"),
        "{log}"
    );
}

#[test]
fn unusable_value_is_explained() {
    for (endpoint, reason) in [
        ("https://127.0.0.1:9001", "its scheme is not `http`"),
        ("http://", "it has no host"),
        ("http:///path", "it has no host"),
        ("127.0.0.1:port", "it has no valid host and port"),
        ("127.0.0.1:9001/?name=x", "it has a query or a fragment"),
        ("http://user@127.0.0.1:9001", "it has a user name"),
        ("not an address", "it contains white space"),
    ] {
        assert_invalid(endpoint, reason);
    }
}

// The emulator of `cargo lambda watch` serves the Runtime API below `/.rt`.

#[test]
fn cargo_lambda_gets_prelude_for_any_event() {
    let lambda = MockRuntimeApi::start_at("/.rt/scripted");
    let _function = spawn(&lambda.address());
    let event = script(json!([{"content_type": "text/plain"}, {"write": "hi"}, {"sleep_ms": 50}, {"write": " there"}]));
    let response = lambda.invoke(event.accepted_early(0).deadline_in(Duration::from_secs(5)));
    let (prelude, body) = response.prelude();
    assert_eq!(
        (prelude, body),
        (
            json!({"statusCode": 200, "headers": {"content-type": "text/plain"}, "cookies": []}),
            &b"hi there"[..]
        )
    );
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
}

#[test]
fn cargo_lambda_gets_json_of_other_event_unchanged() {
    let lambda = MockRuntimeApi::start_at("/.rt/sum");
    let _function = Process::spawn_function(env!("CARGO_BIN_EXE_sum"), &lambda);
    assert_eq!(lambda.invoke(Event::json("[1, 2]")).text(), "3");
}
