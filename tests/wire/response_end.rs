//! The end of a successful response, and the `next` that follows it. The tests in `faults` cover failures.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, MockRuntimeApi, ResponseKind, script};

use crate::start_scripted;

/// Asserts that the function made these calls, and that its second `next` followed Lambda's response to the first POST.
fn assert_loop_continues(lambda: &MockRuntimeApi, calls: &[&str]) {
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), calls);
    let requests = lambda.requests();
    assert!(
        requests[2].at >= requests[1].responded_at.expect("a response to the POST"),
        "`next` was sent before Lambda responded to the POST"
    );
}

#[test]
fn ok_after_writes_sends_last_chunk() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 1}, {"write": "two"}])));
    assert_eq!(
        (response.kind(), response.text(), response.body_end()),
        (ResponseKind::Response, "onetwo", BodyEnd::LastChunk)
    );
    assert!(response.trailers().is_empty());
    assert!(response.raw().ends_with(b"\r\n0\r\n\r\n"));
    assert_loop_continues(&lambda, &["next", "response", "next"]);
}

#[test]
fn ok_without_write_is_empty_streamed_body() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([])));
    assert_eq!(
        (response.kind(), response.text(), response.body_end()),
        (ResponseKind::Response, "", BodyEnd::LastChunk)
    );
    assert_eq!(response.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(
        response.header("Lambda-Runtime-Function-Response-Mode"),
        Some("streaming")
    );
    assert!(response.raw().ends_with(b"\r\n\r\n0\r\n\r\n"));
    assert_loop_continues(&lambda, &["next", "response", "next"]);
}

#[test]
fn stream_in_task_ends_when_dropped() {
    let (lambda, _function) = start_scripted();
    let steps = json!([{"write": "one"}, {"spawn": [{"sleep_ms": 50}, {"write": "two"}]}]);
    let response = lambda.invoke(script(steps).accepted_after(Duration::from_millis(20)));
    assert_eq!((response.text(), response.body_end()), ("onetwo", BodyEnd::LastChunk));
    assert_loop_continues(&lambda, &["next", "response", "next"]);
}

#[test]
fn stream_in_task_can_start_after_handler_returns() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"spawn": [{"sleep_ms": 50}, {"write": "late"}]}])));
    assert_eq!((response.text(), response.body_end()), ("late", BodyEnd::LastChunk));
}

#[test]
fn finish_waits_for_lambda_and_next_for_handler() {
    let (lambda, function) = start_scripted();
    let steps = json!([{"write": "one"}, "finish", {"spawn": []}, {"sleep_ms": 50}, {"fail": "failed after finish"}]);
    let response = lambda.invoke(script(steps).accepted_after(Duration::from_millis(30)));
    assert!(response.trailers().is_empty());
    lambda.wait_for_next();
    let requests = lambda.requests();
    let responded_at = requests[1].responded_at.expect("a response to the POST");
    assert!(
        requests[2].at >= responded_at + Duration::from_millis(50),
        "`next` was sent before the handler returned"
    );
    function.wait_for_stderr(|text| text.contains("failed after finish"));
}
