//! A handler that is still running near its deadline, and what its caller is told.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind};

use crate::{script, start_function};

const SOON: Duration = Duration::from_secs(2);

/// The error that a caller was told.
fn is_timeout(lambda: &MockRuntimeApi, event: Event, kind: ResponseKind, text: &str) {
    let answer = lambda.invoke(event.deadline_in(SOON));
    assert_eq!(answer.kind(), kind);
    if kind == ResponseKind::Response {
        assert_eq!((answer.text(), answer.body_end()), (text, BodyEnd::LastChunk));
    }
    let error = answer.error();
    assert_eq!(error.header_type, "Function.Timeout");
    assert!(error.message.contains("still running"), "{error:?}");
}

#[test]
fn before_the_first_byte_it_is_an_error_and_the_next_invocation_is_as_any() {
    let (lambda, function) = start_function(&[]);
    is_timeout(&lambda, script(json!(["hang"])), ResponseKind::Error, "");
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 5}, {"write": "two"}])));
    assert_eq!((answer.text(), answer.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!answer.failed());
    function.wait_for_stderr(|text| text.contains("Function.Timeout"));
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn in_mid_stream_it_is_trailers_and_the_next_invocation_is_as_any() {
    let (lambda, _function) = start_function(&[]);
    is_timeout(
        &lambda,
        script(json!([{"write": "one"}, "hang"])),
        ResponseKind::Response,
        "one",
    );
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 5}, {"write": "two"}])));
    assert_eq!((answer.text(), answer.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!answer.failed());
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn a_stream_kept_in_a_task_is_given_up_too() {
    let (lambda, _function) = start_function(&[]);
    let steps = json!([{"spawn": [{"write": "one"}, "hang"]}]);
    is_timeout(&lambda, script(steps), ResponseKind::Response, "one");
}

#[test]
fn a_larger_margin_gives_up_earlier() {
    // With 200 ms, the handler would come to its own end.
    let steps = json!([{"write": "one"}, {"sleep_ms": 5_700}, {"write": "two"}]);
    let (lambda, _function) = start_function(&[("MARGIN", "5000")]);
    let answer = lambda.invoke(script(steps).deadline_in(Duration::from_secs(6)));
    assert_eq!(
        (answer.text(), answer.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
}

#[test]
fn without_a_margin_a_handler_runs_on_past_its_deadline() {
    let lambda = MockRuntimeApi::start();
    let _function = Process::spawn_function(env!("CARGO_BIN_EXE_no_deadline"), &lambda);
    let answer = lambda.invoke(Event::json("1500").deadline_in(Duration::from_secs(1)));
    assert_eq!((answer.text(), answer.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!answer.failed());
}

#[test]
fn a_deadline_that_was_past_on_arrival_is_none() {
    let (lambda, _function) = start_function(&[]);
    let steps = json!([{"write": "one"}, {"sleep_ms": 50}, {"write": "two"}]);
    let answer = lambda.invoke(script(steps).header("Lambda-Runtime-Deadline-Ms", "600000"));
    assert_eq!((answer.text(), answer.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert!(!answer.failed());
}
