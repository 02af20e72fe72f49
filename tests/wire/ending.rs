//! How an invocation ends that goes well: rows of the table in the crate's documentation, on the wire. The others are in
//! the tests `faults`.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, MockRuntimeApi, ResponseKind};

use crate::{script, scripted};

/// The loop went on, in this order and with the first answer received before the second `next`.
fn went_on(lambda: &MockRuntimeApi, calls: &[&str]) {
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), calls);
    let requests = lambda.requests();
    assert!(
        requests[2].at >= requests[1].responded_at.expect("answered"),
        "next before Lambda's answer"
    );
}

#[test]
fn ok_after_writing_is_a_clean_end() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, {"sleep_ms": 1}, {"write": "two"}])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.body_end()),
        (ResponseKind::Response, "onetwo", BodyEnd::LastChunk)
    );
    assert!(answer.trailers().is_empty());
    assert!(answer.raw().ends_with(b"\r\n0\r\n\r\n"));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn ok_without_a_byte_is_an_empty_streamed_body() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.body_end()),
        (ResponseKind::Response, "", BodyEnd::LastChunk)
    );
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(
        answer.header("Lambda-Runtime-Function-Response-Mode"),
        Some("streaming")
    );
    assert!(answer.raw().ends_with(b"\r\n\r\n0\r\n\r\n"));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_stream_in_a_task_ends_when_it_is_dropped() {
    let (lambda, _function) = scripted();
    let steps = json!([{"write": "one"}, {"spawn": [{"sleep_ms": 50}, {"write": "two"}]}]);
    let answer = lambda.invoke(script(steps).accepted_after(Duration::from_millis(20)));
    assert_eq!((answer.text(), answer.body_end()), ("onetwo", BodyEnd::LastChunk));
    went_on(&lambda, &["next", "response", "next"]);
}

#[test]
fn a_stream_in_a_task_that_starts_after_the_handler_has_returned() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"sleep_ms": 50}, {"write": "late"}]}])));
    assert_eq!((answer.text(), answer.body_end()), ("late", BodyEnd::LastChunk));
}

#[test]
fn finish_waits_for_lambdas_answer_and_the_next_event_for_the_handler() {
    let (lambda, function) = scripted();
    let event = script(json!([{"write": "one"}, "finish", {"spawn": []}, {"sleep_ms": 50}, {"fail": "work after it"}]));
    let answer = lambda.invoke(event.accepted_after(Duration::from_millis(30)));
    assert!(answer.trailers().is_empty());
    lambda.wait_for_next();
    let requests = lambda.requests();
    let answered = requests[1].responded_at.expect("answered");
    assert!(
        requests[2].at >= answered + Duration::from_millis(50),
        "next before the handler had returned"
    );
    function.wait_for_stderr(|text| text.contains("work after it"));
}
