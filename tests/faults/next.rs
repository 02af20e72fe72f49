//! Faults of `GET invocation/next`. An error that cannot be recovered from ends the process with one log line. No event is
//! handled twice.

use std::time::Duration;

use serde_json::json;
use test_support::{ConnectionFault, Event, Process, ResponseKind};

use crate::{
    INCOMPLETE_HEAD, NOT_HTTP, assert_fatal, assert_loop_continues, count_calls, kill_and_read_log, script, start,
    start_scripted, start_waiting,
};

const FAILED: &str = "GET invocation/next failed";

/// An event with 8 of 100 body bytes.
const INCOMPLETE_EVENT: &str =
    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: cut\r\nContent-Length: 100\r\n\r\n{\"steps\"";

/// A rejection with 13 of 100 body bytes.
const INCOMPLETE_REJECTION: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\n{\"errorType\":";

// The connection is lost while `next` waits.

/// `next` is retried once on a new connection. Nothing is logged and no event is lost.
fn assert_retried(fault: ConnectionFault) {
    let (lambda, function) = start_waiting();
    lambda.fail_next(fault);
    assert_loop_continues(&lambda);
    assert_eq!((lambda.connections(), count_calls(&lambda, "response")), (2, 1));
    assert_eq!(kill_and_read_log(&function), "");
}

cases! { assert_retried:
    closed_connection_is_retried(ConnectionFault::closed())
    half_closed_connection_is_retried(ConnectionFault::half_closed())
    reset_connection_is_retried(ConnectionFault::reset())
    connection_closed_in_head_is_retried(ConnectionFault::closed().after_sending(INCOMPLETE_HEAD))
    connection_reset_in_head_is_retried(ConnectionFault::reset().after_sending(INCOMPLETE_HEAD))
}

/// `next` is not retried a second time.
fn assert_second_fault_is_fatal(fault: ConnectionFault) {
    let (lambda, function) = start_waiting();
    lambda.fail_next(fault.clone());
    lambda.fail_next(fault);
    assert_fatal(&function, &[FAILED]);
    assert_eq!(lambda.calls(), ["next", "next"]);
}

cases! { assert_second_fault_is_fatal:
    connection_closed_twice_is_fatal(ConnectionFault::closed())
    connection_half_closed_twice_is_fatal(ConnectionFault::half_closed())
    connection_reset_twice_is_fatal(ConnectionFault::reset())
    connection_closed_in_head_twice_is_fatal(ConnectionFault::closed().after_sending(INCOMPLETE_HEAD))
}

#[test]
fn retry_is_available_again_after_each_event() {
    let (lambda, function) = start_waiting();
    for fault in [
        ConnectionFault::closed(),
        ConnectionFault::reset(),
        ConnectionFault::closed(),
    ] {
        lambda.fail_next(fault);
        assert_loop_continues(&lambda);
    }
    assert_eq!((count_calls(&lambda, "next"), count_calls(&lambda, "response")), (7, 3));
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn refused_connection_on_retry_is_fatal() {
    let (lambda, function) = start_waiting();
    lambda.refuse_connections();
    lambda.close_next();
    assert_fatal(&function, &[FAILED, "refused"]);
}

#[test]
fn refused_connection_at_start_is_fatal() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    // Nothing listens on port 1, and the system never assigns it to a test.
    command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    assert_fatal(&Process::spawn(command), &[FAILED, "refused"]);
}

// The response is malformed or incomplete.

/// The process exits and does not repeat the call.
fn assert_first_fault_is_fatal(fault: ConnectionFault) {
    let (lambda, function) = start_waiting();
    lambda.fail_next(fault);
    assert_fatal(&function, &[FAILED]);
    assert_eq!(lambda.calls(), ["next"]);
}

cases! { assert_first_fault_is_fatal:
    event_cut_by_closed_connection_is_fatal(ConnectionFault::closed().after_sending(INCOMPLETE_EVENT))
    event_cut_by_half_closed_connection_is_fatal(ConnectionFault::half_closed().after_sending(INCOMPLETE_EVENT))
    event_cut_by_reset_is_fatal(ConnectionFault::reset().after_sending(INCOMPLETE_EVENT))
    non_http_response_is_fatal(ConnectionFault::stalled().after_sending(NOT_HTTP))
    non_http_response_before_close_is_fatal(ConnectionFault::closed().after_sending([0; 100]))
    status_that_is_not_a_number_is_fatal(ConnectionFault::stalled().after_sending("HTTP/1.1 abc OK\r\n\r\n"))
    two_content_lengths_are_fatal(
        ConnectionFault::stalled().after_sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"))
    endless_head_is_fatal(
        ConnectionFault::stalled().after_sending("HTTP/1.1 200 OK\r\n".to_owned() + &"A: b\r\n".repeat(100_000)))
}

// Lambda rejects the call.

/// The process exits and logs Lambda's error.
fn assert_rejection_is_fatal(status: u16) {
    let (lambda, function) = start_waiting();
    lambda.respond_to_next(
        status,
        r#"{"errorType":"InternalServerError","errorMessage":"try\r\nelsewhere"}"#,
    );
    let rejected = format!("GET invocation/next was rejected with status {status}");
    assert_fatal(&function, &[&rejected, r"InternalServerError: try\r\nelsewhere"]);
    assert_eq!(lambda.calls(), ["next"]);
}

cases! { assert_rejection_is_fatal:
    status_400_is_fatal(400)
    status_403_is_fatal(403)
    status_410_is_fatal(410)
    status_413_is_fatal(413)
    status_500_is_fatal(500)
}

/// Returns the body of a rejection whose message has this length, followed by the word "end".
fn rejection_body(length: usize) -> String {
    let message = "x".repeat(length) + " end";
    json!({"errorType": "InternalServerError", "errorMessage": message}).to_string()
}

#[test]
fn long_rejection_is_truncated_in_log() {
    let (lambda, function) = start_waiting();
    lambda.respond_to_next(500, &rejection_body(60_000));
    assert_fatal(
        &function,
        &[
            "GET invocation/next was rejected with status 500",
            "xxx … (truncated: ",
            " more bytes)\n",
        ],
    );
}

#[test]
fn megabyte_rejection_is_logged_without_message() {
    let (lambda, function) = start_waiting();
    lambda.respond_to_next(500, &rejection_body(1_000_000));
    assert_fatal(
        &function,
        &["GET invocation/next was rejected with status 500 Internal Server Error\n"],
    );
}

#[test]
fn redirect_is_not_followed() {
    let (lambda, function) = start_waiting();
    let found = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/elsewhere\r\nContent-Length: 0\r\n\r\n",
        lambda.address()
    );
    lambda.fail_next(ConnectionFault::stalled().after_sending(found));
    assert_fatal(&function, &["GET invocation/next was rejected with status 302"]);
    assert_eq!(lambda.calls(), ["next"]);
}

#[test]
fn rejection_that_is_not_json_is_fatal() {
    let (lambda, function) = start_waiting();
    lambda.respond_to_next(500, "<html>\n<h1>sorry</h1>");
    assert_fatal(&function, &["GET invocation/next was rejected with status 500"]);
}

#[test]
fn rejection_cut_by_closed_connection_is_fatal() {
    let (lambda, function) = start_waiting();
    lambda.fail_next(ConnectionFault::closed().after_sending(INCOMPLETE_REJECTION));
    assert_fatal(&function, &["GET invocation/next was rejected with status 500"]);
}

#[test]
fn rejection_that_stalls_is_fatal() {
    let (lambda, function) = start_waiting();
    lambda.fail_next(ConnectionFault::stalled().after_sending(INCOMPLETE_REJECTION));
    assert_fatal(&function, &["GET invocation/next was rejected with status 500"]);
}

#[test]
fn event_without_request_id_is_fatal() {
    let (lambda, function) = start_scripted();
    lambda.queue(script(json!([])).without_header("Lambda-Runtime-Aws-Request-Id"));
    assert_fatal(&function, &["GET invocation/next", "Lambda-Runtime-Aws-Request-Id"]);
}

#[test]
fn request_id_that_is_not_text_is_fatal() {
    let (lambda, function) = start_scripted();
    lambda.queue(script(json!([])).header("Lambda-Runtime-Aws-Request-Id", b"\xff\xfe"));
    assert_fatal(&function, &["GET invocation/next", "Lambda-Runtime-Aws-Request-Id"]);
}

// Responses that are not faults.

#[test]
fn status_204_and_408_are_not_events() {
    let (lambda, function) = start_scripted();
    lambda.respond_to_next(204, "");
    lambda.respond_to_next(408, "");
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn repeated_status_204_is_polled_with_pauses() {
    let (lambda, _function) = start_scripted();
    for _ in 0..20 {
        lambda.respond_to_next(204, "");
    }
    assert_loop_continues(&lambda);
    let requests = lambda.requests();
    assert!(requests[20].at - requests[0].at >= Duration::from_millis(20 * 20));
}

/// An event whose delivery pauses is received.
fn assert_paused_event_is_received(after_bytes: usize) {
    let (lambda, function) = start_scripted();
    let event = script(json!([{"write": "in two parts"}]));
    let response = lambda.invoke(event.pause_delivery_after(after_bytes, Duration::from_millis(300)));
    assert_eq!(response.text(), "in two parts");
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

cases! { assert_paused_event_is_received:
    event_paused_after_first_byte_is_received(1)
    event_paused_in_head_is_received(100)
    event_paused_in_body_is_received(400)
}

#[test]
fn event_of_6_mb_is_received() {
    let (lambda, _function) = start_scripted();
    let text = "0123456789abcdef".repeat(6_000_000 / 16);
    let response = lambda.invoke(script(json!([{ "write": text }])));
    assert!(response.text() == text, "{} bytes", response.body().len());
    assert_loop_continues(&lambda);
}

/// An event that cannot be deserialized is reported to the caller with the reason.
fn assert_invalid_event(event: impl AsRef<[u8]>, reason: &str) {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(Event::json(event));
    let error = response.error();
    assert_eq!(
        (response.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
    assert!(error.message.contains(reason), "{error:?}");
    assert_loop_continues(&lambda);
    assert!(kill_and_read_log(&function).contains(reason));
}

cases! { assert_invalid_event:
    event_that_is_not_utf_8_is_an_error(b"\"\xff\xfe\"", "line 1 column 2")
    event_that_is_not_json_is_an_error("hello", "expected value at line 1 column 1")
    incomplete_json_event_is_an_error("{\"steps\":", "EOF while parsing")
    empty_event_is_an_error("", "EOF while parsing")
    deeply_nested_event_is_an_error("[".repeat(1_000_000), "recursion limit")
}

#[test]
fn event_of_wrong_type_is_an_error_with_the_mismatch() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(Event::json(r#"{"steps": 3}"#));
    let error = response.error();
    assert_eq!(response.kind(), ResponseKind::Error);
    assert!(error.message.contains("invalid type: integer `3`"), "{error:?}");
    assert_loop_continues(&lambda);
}

#[test]
fn raw_event_contains_any_bytes() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_builder"));
    let response = lambda.invoke(Event::json(b"\xff\0\r\n\xfe"));
    assert_eq!(response.body(), b"> \xff\0\r\n\xfe");
}

#[test]
fn maximum_deadline_does_not_overflow() {
    let (lambda, _function) = start_scripted();
    let event = script(json!([{"write": "hi"}]));
    let response = lambda.invoke(event.header("Lambda-Runtime-Deadline-Ms", u64::MAX.to_string()));
    assert_eq!((response.text(), response.failed()), ("hi", false));
    assert_loop_continues(&lambda);
}
