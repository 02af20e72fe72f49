//! Handlers that panic. The caller receives the message and the location of the panic, and the process continues.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, Response, ResponseKind};

use crate::{assert_loop_continues, misuse, script, start, start_misbehaving, start_scripted};

/// Asserts that the response reports a panic with this message in the source file with this name.
#[track_caller]
fn assert_panic_reported(response: &Response, kind: ResponseKind, message: &str, file: &str) {
    let error = response.error();
    assert_eq!((response.kind(), error.header_type.as_str()), (kind, "Function.Panic"));
    assert_eq!(error.message, message);
    assert!(error.stack_trace[0].contains(&format!("{file}.rs:")), "{error:?}");
}

#[test]
fn panic_before_first_byte_posts_error() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"panic": "boom"}])));
    assert_panic_reported(&response, ResponseKind::Error, "boom", "scripted");
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn panic_in_mid_stream_sends_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, {"panic": "boom \"ü\"\r\nX-Evil: 1"}])));
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    assert_panic_reported(&response, ResponseKind::Response, "boom \"ü\"\r\nX-Evil: 1", "scripted");
    assert_eq!(response.trailers().len(), 2);
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn long_panic_message_is_truncated_and_keeps_location() {
    let (lambda, _function) = start_scripted();
    for steps in [
        json!([{"panic": "x".repeat(1_000_000)}]),
        json!([{"write": "one"}, {"panic": "\0".repeat(70_000)}]),
    ] {
        let error = lambda.invoke(script(steps)).error();
        assert!(error.message.ends_with(" more bytes)"));
        assert!(error.stack_trace[0].contains("scripted.rs:"), "{error:?}");
    }
    assert_loop_continues(&lambda);
}

#[test]
fn panic_after_finish_is_only_logged() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, "finish", {"panic": "too late"}])));
    assert_eq!((response.text(), response.failed()), ("one", false));
    assert_loop_continues(&lambda);
    function.wait_for_stderr(|text| {
        text.contains("Function.Panic: too late") && text.contains("the error is not reported to the caller")
    });
}

#[test]
fn task_panic_in_mid_stream_sends_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(
        json!([{"spawn": [{"write": "one"}, {"sleep_ms": 20}, {"panic": "boom"}]}]),
    ));
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    assert_panic_reported(&response, ResponseKind::Response, "boom", "scripted");
    assert_loop_continues(&lambda);
}

#[test]
fn task_panic_before_first_byte_posts_error() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"spawn": [{"sleep_ms": 20}, {"panic": "boom"}]}])));
    assert_panic_reported(&response, ResponseKind::Error, "boom", "scripted");
    assert_loop_continues(&lambda);
}

#[test]
fn stream_panic_in_mid_stream_sends_trailers() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let response = lambda.invoke(Event::json(json!({"items": ["one"], "then": "panic"}).to_string()));
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    assert_panic_reported(&response, ResponseKind::Response, "no item was left", "items");
    assert_eq!(
        lambda.invoke(Event::json(json!({"items": ["two"]}).to_string())).text(),
        "two"
    );
}

#[test]
fn stream_panic_before_first_item_posts_error() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let response = lambda.invoke(Event::json(json!({"then": "panic"}).to_string()));
    assert_panic_reported(&response, ResponseKind::Error, "no item was left", "items");
    assert_eq!(
        lambda.invoke(Event::json(json!({"items": ["two"]}).to_string())).text(),
        "two"
    );
}

#[test]
fn panic_without_text_is_reported_with_location() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!("panic_with_number")));
    assert_panic_reported(
        &response,
        ResponseKind::Error,
        "a panic without a message",
        "misbehaving",
    );
}

#[test]
fn panic_payload_that_panics_on_drop_is_survived() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!("panic_with_panicking_drop")));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.Panic")
    );
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn handler_that_panics_when_cancelled_times_out() {
    let (lambda, _function) = start_misbehaving();
    let event = misuse(json!("hang_with_panicking_drop"));
    let response = lambda.invoke(event.deadline_in(Duration::from_secs(2)));
    assert_eq!(
        (response.text(), response.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn repeated_panics_are_survived() {
    let (lambda, function) = start_scripted();
    for n in 0..100 {
        let message = format!("panic {n}");
        let response = lambda.invoke(script(json!([{"write": "one"}, {"panic": message}])));
        assert_panic_reported(&response, ResponseKind::Response, &message, "scripted");
    }
    assert_loop_continues(&lambda);
    assert_eq!(lambda.connections(), 1);
    assert!(function.is_running());
}
