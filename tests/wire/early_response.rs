//! A Runtime API that accepts a response before its body is complete, as the emulator of `cargo lambda watch` does: the
//! response continues to its end.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, ConnectionFault, Event, MockRuntimeApi, Process, Response, script, start};

use crate::start_scripted;

/// The response with which Lambda accepts a response or an error.
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

const CLOSED: &str = "the connection was closed before the response was complete";

/// Returns steps that write `count` words with a pause after each, so that the early response arrives between them.
fn slow_words(count: usize) -> Vec<Value> {
    let words = (0..count).flat_map(|n| [json!({ "write": format!("{n} ") }), json!({"sleep_ms": 30})]);
    words.collect()
}

/// Runs the steps with an early acceptance, and asserts that the whole body arrives before the next event is requested.
#[track_caller]
fn run_accepted_early(steps: Vec<Value>, body_bytes: usize, text: &str) -> (Response, Process, MockRuntimeApi) {
    let (lambda, function) = start_scripted();
    let event = script(steps.into()).accepted_early(body_bytes);
    let response = lambda.invoke(event.deadline_in(Duration::from_secs(2)));
    assert_eq!((response.text(), response.body_end()), (text, BodyEnd::LastChunk));
    lambda.wait_for_next();
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    (response, function, lambda)
}

/// Kills the process and returns its log.
fn log(function: &Process) -> String {
    assert!(function.is_running(), "{}", function.stderr());
    function.kill();
    function.stderr()
}

#[test]
fn response_continues_after_early_success() {
    for body_bytes in [0, 1, 5] {
        let (response, function, _lambda) = run_accepted_early(slow_words(5), body_bytes, "0 1 2 3 4 ");
        assert!(!response.failed());
        assert_eq!(log(&function), "");
    }
}

#[test]
fn finish_succeeds_after_early_success() {
    let mut steps = slow_words(3);
    steps.push(json!("finish"));
    let (response, function, _lambda) = run_accepted_early(steps, 0, "0 1 2 ");
    assert!(!response.failed());
    assert_eq!(log(&function), "");
}

#[test]
fn task_continues_response_after_early_success() {
    let steps = vec![json!({ "spawn": slow_words(3) })];
    let (response, function, _lambda) = run_accepted_early(steps, 0, "0 1 2 ");
    assert!(!response.failed());
    assert_eq!(log(&function), "");
}

#[test]
fn error_after_early_success_is_sent_as_trailers() {
    let mut steps = slow_words(2);
    steps.push(json!({"fail_typed": ["Function.Late", "too late"]}));
    let (response, _function, _lambda) = run_accepted_early(steps, 0, "0 1 ");
    assert_eq!(response.error().header_type, "Function.Late");
}

#[test]
fn deadline_after_early_success_is_sent_as_trailers() {
    let mut steps = slow_words(2);
    steps.push(json!("hang"));
    let (response, _function, _lambda) = run_accepted_early(steps, 0, "0 1 ");
    assert_eq!(response.error().header_type, "Function.Timeout");
}

#[test]
fn large_response_is_complete_after_early_success() {
    const LENGTH: usize = 12_000_000;
    let (lambda, function) = start_scripted();
    let event = script(json!([{ "write_bytes": LENGTH }, "finish"])).accepted_early(1);
    // The socket buffers hold less than the body, so the handler writes long after the early response.
    let response = lambda.invoke(event.read_slowly(6_000_000));
    assert_eq!(
        (response.body().len(), response.body_end()),
        (LENGTH, BodyEnd::LastChunk)
    );
    lambda.wait_for_next();
    assert_eq!(log(&function), "");
}

#[test]
fn buffered_response_is_complete_after_early_success() {
    let (lambda, function) = start(env!("CARGO_BIN_EXE_sum"));
    for _ in 0..3 {
        assert_eq!(lambda.invoke(Event::json("[1, 2]").accepted_early(0)).text(), "3");
    }
    lambda.wait_for_next();
    assert_eq!(log(&function), "");
}

/// Accepts the response early and then ends the connection. A write of the handler fails with `Closed`.
#[track_caller]
fn assert_write_fails(steps: Value, fault: ConnectionFault) {
    let (lambda, function) = start_scripted();
    let event = script(steps).without_header("Lambda-Runtime-Deadline-Ms");
    let _pending = lambda.queue(event.fault_after_body_bytes(10_000, fault.after_sending(ACCEPTED)));
    function.wait_for_stderr(|text| text.contains("closed with None") && text.contains(CLOSED));
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    log(&function);
}

#[test]
fn closed_connection_after_early_success_fails_write() {
    let delay = Duration::from_millis(300);
    for fault in [
        ConnectionFault::closed(),
        ConnectionFault::half_closed(),
        ConnectionFault::reset(),
    ] {
        assert_write_fails(json!(["write_until_closed"]), fault.clone());
        // The writer waits for space in the buffer before the connection ends.
        assert_write_fails(json!(["write_until_closed"]), fault.clone().delayed(delay));
        assert_write_fails(json!([{"spawn": ["write_until_closed"]}]), fault.delayed(delay));
    }
}

#[test]
fn closed_connection_after_early_success_is_noticed_between_writes() {
    let (lambda, function) = start_scripted();
    let event = script(json!([{"write": "one"}, "hang"])).deadline_in(Duration::from_secs(3));
    let fault = ConnectionFault::closed().after_sending(ACCEPTED);
    let _pending = lambda.queue(event.fault_after_body_bytes(3, fault));
    let log = function.wait_for_stderr(|text| text.contains(CLOSED));
    assert!(!log.contains("Function.Timeout"), "{log}");
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
}
