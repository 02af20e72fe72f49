//! Faults while a response is being sent, and handlers that wait for its acceptance. Faults that `POST …/response` and
//! `POST …/error` share are in `delivery`.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, ConnectionFault, Event, MockRuntimeApi, Process};

use crate::{
    ACCEPTED, DELIVERY_TIMEOUT, INCOMPLETE_HEAD, NOT_HTTP, assert_loop_continues, count_calls, kill_and_read_log,
    script, start, start_scripted,
};

const FAILED: &str = "POST invocation/{id}/response failed";

fn script_with_near_deadline(steps: Value) -> Event {
    script(steps).deadline_in(Duration::from_secs(2))
}

// Lambda does not respond, or rejects the complete response.

#[test]
fn stall_fails_finish_with_timeout() {
    let (lambda, function) = start_scripted();
    let event = script_with_near_deadline(json!([{"write": "hi"}, "finish"]));
    lambda.invoke(event.fault_after_response(ConnectionFault::stalled()));
    assert_loop_continues(&lambda);
    assert!(kill_and_read_log(&function).contains("Function.Timeout"));
}

#[test]
fn stall_uses_no_processor_time() {
    let (lambda, function) = start_scripted();
    let event = script_with_near_deadline(json!([{"write": "hi"}]));
    lambda.invoke(event.fault_after_response(ConnectionFault::stalled()));
    assert_loop_continues(&lambda);
    let used = function.resources().processor_time().unwrap_or_default();
    assert!(used < Duration::from_millis(500), "{used:?} of about three seconds");
}

#[test]
fn response_without_deadline_never_times_out() {
    let (lambda, function) = start_scripted();
    let event = script(json!([{"write": "hi"}])).without_header("Lambda-Runtime-Deadline-Ms");
    let response = lambda.invoke(event.accepted_after(Duration::from_secs(3)));
    assert_eq!(response.status(), Some(202));
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn rejection_fails_finish_with_lambda_error_type() {
    let (lambda, function) = start_scripted();
    let event = script(json!([{"write": "one"}, "finish"]));
    lambda.invoke(event.rejected(413, "RequestEntityTooLarge", "Exceeded maximum"));
    assert_loop_continues(&lambda);
    let log = kill_and_read_log(&function);
    assert!(log.contains("RequestEntityTooLarge"), "{log}");
    assert!(!log.contains("Function.StreamError"), "the cause is logged once: {log}");
    assert_eq!(
        (count_calls(&lambda, "response"), count_calls(&lambda, "error")),
        (2, 0)
    );
}

// Lambda ends the connection or rejects the response while the handler writes.

/// A write of the handler fails, and the response is truncated. The cause is logged once, and not again as the error of the
/// handler.
fn assert_write_fails(event: Event, closed_with: &str) {
    let (lambda, function) = start_scripted();
    let pending = lambda.queue(event);
    function.wait_for_stderr(|text| text.contains(closed_with) && text.contains("lambda-stream: invocation "));
    assert_loop_continues(&lambda);
    let log = function.stderr();
    assert_eq!(log.matches("lambda-stream: ").count(), 1, "{log}");
    assert_eq!(
        pending.wait().body_end(),
        BodyEnd::Truncated,
        "a rejected response must not end with the last chunk"
    );
    assert_eq!(
        (count_calls(&lambda, "response"), count_calls(&lambda, "error")),
        (2, 0)
    );
}

fn write_until_closed() -> Event {
    script(json!(["write_until_closed"]))
}

cases! { assert_write_fails:
    closed_connection_fails_write(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::closed()),
        "closed with None")
    half_closed_connection_fails_write(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::half_closed()),
        "closed with None")
    reset_connection_fails_write(
        write_until_closed().fault_after_body_bytes(10_000, ConnectionFault::reset()),
        "closed with None")
    incomplete_lambda_response_fails_write(
        write_until_closed()
            .fault_after_body_bytes(10_000, ConnectionFault::closed().after_sending(INCOMPLETE_HEAD)),
        "closed with None")
    non_http_lambda_response_fails_write(
        write_until_closed()
            .fault_after_body_bytes(10_000, ConnectionFault::half_closed().after_sending(NOT_HTTP)),
        "closed with None")
    early_rejection_fails_write_with_lambda_error_type(
        write_until_closed().rejected_early(100_000, 413, "RequestEntityTooLarge", "Exceeded maximum"),
        r#"closed with Some("RequestEntityTooLarge")"#)
    rejection_before_first_byte_fails_write(
        write_until_closed().rejected_early(0, 400, "InvalidRequestID", "unknown"),
        r#"closed with Some("InvalidRequestID")"#)
    early_acceptance_and_closed_connection_fail_write(
        write_until_closed()
            .fault_after_body_bytes(10_000, ConnectionFault::half_closed().after_sending(ACCEPTED)),
        "closed with None")
}

/// Lambda's response to a response that exceeds the size limit.
const TOO_LARGE: &str = "HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 79\r\n\r\n\
    {\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"Exceeded maximum allowed\"}";

/// Lambda stops reading, so that the write waits for space in the buffer. The fault fails the write without a timeout: the
/// event has no deadline.
fn assert_blocked_write_fails(steps: Value, fault: ConnectionFault, closed_with: &str) {
    let (lambda, function) = start_scripted();
    let event = script(steps).without_header("Lambda-Runtime-Deadline-Ms");
    // The socket buffers are full long before.
    let fault = fault.delayed(Duration::from_millis(300));
    let _pending = lambda.queue(event.fault_after_body_bytes(10_000, fault));
    function.wait_for_stderr(|text| text.contains(closed_with));
    assert_loop_continues(&lambda);
    assert_eq!(
        (count_calls(&lambda, "response"), count_calls(&lambda, "error")),
        (2, 0)
    );
}

cases! { assert_blocked_write_fails:
    rejection_fails_blocked_write_of_handler(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(TOO_LARGE),
        r#"closed with Some("RequestEntityTooLarge")"#)
    rejection_fails_blocked_write_of_task(
        json!([{"spawn": ["write_until_closed"]}]),
        ConnectionFault::stalled().after_sending(TOO_LARGE),
        r#"closed with Some("RequestEntityTooLarge")"#)
    incomplete_rejection_fails_blocked_write(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(&TOO_LARGE[..70]),
        "closed with None")
    non_http_response_fails_blocked_write(
        json!(["write_until_closed"]),
        ConnectionFault::stalled().after_sending(NOT_HTTP),
        "closed with None")
    reset_fails_blocked_write_of_task(
        json!([{"spawn": ["write_until_closed"]}]),
        ConnectionFault::reset(),
        "closed with None")
}

#[test]
fn stall_times_out_blocked_write_after_deadline() {
    let (lambda, function) = start_scripted();
    let event = script_with_near_deadline(json!(["write_until_closed"]));
    let _pending = lambda.queue(event.fault_after_body_bytes(10_000, ConnectionFault::stalled()));
    function.wait_for_stderr(|text| text.contains("Function.Timeout"));
    assert_loop_continues(&lambda);
    let log = kill_and_read_log(&function);
    assert!(log.contains(DELIVERY_TIMEOUT) && log.lines().count() == 2, "{log}");
}

#[test]
fn response_above_200_mb_fails_write() {
    const LIMIT: usize = 200_000_000;
    let (lambda, function) = start_scripted();
    let event = script(json!([{"send_chunks": 2 * LIMIT / 65_536}])).deadline_in(Duration::from_secs(300));
    let rejected = event.rejected_early(
        LIMIT,
        413,
        "RequestEntityTooLarge",
        "Exceeded maximum allowed payload size",
    );
    let pending = lambda.queue(rejected.discard_body());
    pending.wait_for_length(LIMIT);
    function.wait_for_stderr(|text| text.contains("RequestEntityTooLarge"));
    assert_loop_continues(&lambda);
    assert_eq!(pending.wait().body_end(), BodyEnd::Truncated);
}

// Concurrent invocations and buffered responses.

#[test]
fn stall_does_not_block_concurrent_invocations() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let function = Process::spawn_function_with(command, &lambda);
    lambda.wait_for_next_calls(2);
    let event = script(json!([{"write": "hi"}])).without_header("Lambda-Runtime-Deadline-Ms");
    let stalled = lambda.queue(event.fault_after_response(ConnectionFault::stalled()));
    stalled.wait_for_body(|body| body == b"hi");
    for n in 0..10 {
        let text = n.to_string();
        assert_eq!(lambda.invoke(script(json!([{ "write": text }]))).text(), text);
    }
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn fault_after_buffered_response_is_logged() {
    let (lambda, function) = start(env!("CARGO_BIN_EXE_sum"));
    for fault in [
        ConnectionFault::reset(),
        ConnectionFault::closed(),
        ConnectionFault::stalled().after_sending(NOT_HTTP),
    ] {
        let response = lambda.invoke(Event::json("[1, 2]").fault_after_response(fault));
        assert_eq!(response.text(), "3");
    }
    assert_eq!(lambda.invoke(Event::json("[3, 4]")).text(), "7");
    let log = kill_and_read_log(&function);
    assert_eq!((log.matches(FAILED).count(), log.lines().count()), (3, 3), "{log}");
}
