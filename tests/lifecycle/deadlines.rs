//! Deadlines: the error that the caller gets if the handler is still running shortly before its deadline.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, script};

use crate::start_function;

const DEADLINE: Duration = Duration::from_secs(2);

/// Invokes the function with a short deadline, and asserts that it reports a timeout after it has sent `text`.
#[track_caller]
fn assert_timeout(lambda: &MockRuntimeApi, event: Event, kind: ResponseKind, text: &str) {
    let response = lambda.invoke(event.deadline_in(DEADLINE));
    assert_eq!(response.kind(), kind);
    if kind == ResponseKind::Response {
        assert_eq!((response.text(), response.body_end()), (text, BodyEnd::LastChunk));
    }
    let error = response.error();
    assert_eq!(error.header_type, "Function.Timeout");
    assert!(error.message.contains("still running"), "{error:?}");
}

#[test]
fn timeout_before_first_byte_posts_error() {
    let (lambda, function) = start_function(&[]);
    assert_timeout(&lambda, script(json!(["hang"])), ResponseKind::Error, "");
    let response = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 5}, {"write": "two"}])));
    assert_eq!((response.text(), response.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!response.failed());
    function.wait_for_stderr(|text| text.contains("Function.Timeout"));
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn timeout_mid_stream_sends_trailers() {
    let (lambda, _function) = start_function(&[]);
    assert_timeout(
        &lambda,
        script(json!([{"write": "one"}, "hang"])),
        ResponseKind::Response,
        "one",
    );
    let response = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 5}, {"write": "two"}])));
    assert_eq!((response.text(), response.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!response.failed());
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn timeout_ends_stream_in_task() {
    let (lambda, _function) = start_function(&[]);
    let steps = json!([{"spawn": [{"write": "one"}, "hang"]}]);
    assert_timeout(&lambda, script(steps), ResponseKind::Response, "one");
}

#[test]
fn larger_margin_stops_handler_earlier() {
    // With the default margin of 200 ms, this handler would complete.
    let steps = json!([{"write": "one"}, {"sleep_ms": 5_700}, {"write": "two"}]);
    let (lambda, _function) = start_function(&[("MARGIN", "5000")]);
    let response = lambda.invoke(script(steps).deadline_in(Duration::from_secs(6)));
    assert_eq!(
        (response.text(), response.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
}

#[test]
fn margin_off_lets_handler_run_past_deadline() {
    let lambda = MockRuntimeApi::start();
    let _function = Process::spawn_function(env!("CARGO_BIN_EXE_no_deadline"), &lambda);
    let response = lambda.invoke(Event::json("1500").deadline_in(Duration::from_secs(1)));
    assert_eq!((response.text(), response.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!response.failed());
}

#[test]
fn deadline_past_on_arrival_is_ignored() {
    let (lambda, _function) = start_function(&[]);
    let steps = json!([{"write": "one"}, {"sleep_ms": 50}, {"write": "two"}]);
    let response = lambda.invoke(script(steps).header("Lambda-Runtime-Deadline-Ms", "600000"));
    assert_eq!((response.text(), response.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!response.failed());
}
