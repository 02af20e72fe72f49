//! A handler that panics: the caller is told with the place, and the process lives on.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, Response, ResponseKind};

use crate::{deed, goes_on, misbehaving, script, scripted, start};

/// The caller is told of a panic with this message, in a source file of this name.
#[track_caller]
fn is_told(answer: &Response, kind: ResponseKind, message: &str, file: &str) {
    let error = answer.error();
    assert_eq!((answer.kind(), error.header_type.as_str()), (kind, "Function.Panic"));
    assert_eq!(error.message, message);
    assert!(error.stack_trace[0].contains(&format!("{file}.rs:")), "{error:?}");
}

#[test]
fn a_panic_before_the_first_byte_is_one_error_and_no_response() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"panic": "boom"}])));
    is_told(&answer, ResponseKind::Error, "boom", "scripted");
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn a_panic_in_mid_stream_is_trailers_with_its_place() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"panic": "boom \"ü\"\r\nX-Evil: 1"}])));
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    is_told(&answer, ResponseKind::Response, "boom \"ü\"\r\nX-Evil: 1", "scripted");
    assert_eq!(answer.trailers().len(), 2);
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn a_panic_of_a_megabyte_keeps_its_place() {
    let (lambda, _function) = scripted();
    for steps in [
        json!([{"panic": "x".repeat(1_000_000)}]),
        json!([{"write": "one"}, {"panic": "\0".repeat(70_000)}]),
    ] {
        let error = lambda.invoke(script(steps)).error();
        assert!(error.message.ends_with(" bytes left out)"));
        assert!(error.stack_trace[0].contains("scripted.rs:"), "{error:?}");
    }
    goes_on(&lambda);
}

#[test]
fn a_panic_after_finish_is_only_logged() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "finish", {"panic": "unseen"}])));
    assert_eq!((answer.text(), answer.failed()), ("one", false));
    goes_on(&lambda);
    function.wait_for_stderr(|text| text.contains("Function.Panic: unseen") && text.contains("the caller is not told"));
}

#[test]
fn a_task_that_panics_with_the_stream_is_told_in_trailers() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"spawn": [{"write": "one"}, {"sleep_ms": 20}, {"panic": "boom"}]}]),
    ));
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    is_told(&answer, ResponseKind::Response, "boom", "scripted");
    goes_on(&lambda);
}

#[test]
fn a_task_that_panics_with_the_stream_before_the_first_byte_is_an_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"sleep_ms": 20}, {"panic": "boom"}]}])));
    is_told(&answer, ResponseKind::Error, "boom", "scripted");
    goes_on(&lambda);
}

#[test]
fn a_returned_stream_that_panics_when_it_is_polled_is_told_in_trailers() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let answer = lambda.invoke(Event::json(json!({"items": ["one"], "then": "panic"}).to_string()));
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    is_told(&answer, ResponseKind::Response, "no item was left", "items");
    assert_eq!(
        lambda.invoke(Event::json(json!({"items": ["two"]}).to_string())).text(),
        "two"
    );
}

#[test]
fn a_returned_stream_that_panics_before_its_first_item_is_an_error() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let answer = lambda.invoke(Event::json(json!({"then": "panic"}).to_string()));
    is_told(&answer, ResponseKind::Error, "no item was left", "items");
    assert_eq!(
        lambda.invoke(Event::json(json!({"items": ["two"]}).to_string())).text(),
        "two"
    );
}

#[test]
fn a_panic_that_is_no_text_is_told_with_its_place() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("panic_with_number")));
    is_told(&answer, ResponseKind::Error, "a panic without a message", "misbehaving");
}

#[test]
fn a_panic_that_panics_again_when_it_is_dropped_is_survived() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("panic_with_panicking_drop")));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.Panic")
    );
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn a_handler_that_panics_when_its_time_is_up_has_timed_out() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("hang_with_panicking_drop")).deadline_in(Duration::from_secs(2)));
    assert_eq!(
        (answer.text(), answer.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn one_panic_after_another_is_survived() {
    let (lambda, function) = scripted();
    for n in 0..100 {
        let message = format!("panic {n}");
        let answer = lambda.invoke(script(json!([{"write": "one"}, {"panic": message}])));
        is_told(&answer, ResponseKind::Response, &message, "scripted");
    }
    goes_on(&lambda);
    assert_eq!(lambda.connections(), 1);
    assert!(function.is_running());
}
