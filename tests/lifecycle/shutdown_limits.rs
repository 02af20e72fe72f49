//! A shutdown that something delays: an event that never arrives in full, or a hook that blocks its thread.

use std::time::Duration;

use serde_json::json;
use test_support::{ConnectionFault, script};

use crate::start_function;

/// An event with 8 of 100 body bytes.
const INCOMPLETE_EVENT: &str =
    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: cut\r\nContent-Length: 100\r\n\r\n{\"steps\"";

const DROPPED: &str = "an event was dropped at shutdown";

#[test]
fn signal_ends_process_while_event_body_stalls() {
    for signal in ["TERM", "INT"] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok"), ("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
        lambda.wait_for_next_calls(2);
        // The process is stopped. When it continues, the signal and the start of the event are both there.
        function.signal("STOP");
        lambda.fail_next(ConnectionFault::stalled().after_sending(INCOMPLETE_EVENT));
        lambda.wait_for_parts(1);
        function.signal(signal);
        function.signal("CONT");
        assert_eq!(function.exit_code(), Some(0), "{signal}");
        let log = function.stderr();
        assert!(
            log.contains(DROPPED) && log.contains("the hook runs after 0 handlers"),
            "{log}"
        );
    }
}

#[test]
fn event_body_that_pauses_at_signal_is_handled() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    lambda.wait_for_next();
    function.signal("STOP");
    let event = script(json!([{"write": "in two parts"}]));
    let pending = lambda.queue(event.pause_delivery_after(400, Duration::from_millis(500)));
    lambda.wait_for_parts(1);
    function.signal("TERM");
    function.signal("CONT");
    assert_eq!(pending.wait().text(), "in two parts");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 1 handlers"));
}

#[test]
fn hook_that_blocks_its_thread_exits_with_status_1() {
    // 600 ms: the hook returns after its limit. 1 hour: it never returns.
    for time in ["block_600_ms", "block_1_h"] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", time)]);
        lambda.wait_for_next();
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(1), "{time}");
        let log = function.stderr();
        assert!(
            log.contains("on_shutdown failed: Function.Timeout: the hook was still running after 450 ms"),
            "{log}"
        );
    }
}
