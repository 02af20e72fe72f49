//! Faults in response to `POST invocation/{id}/response` and `POST invocation/{id}/error`. Each case runs for both calls.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, ConnectionFault, Event, MockRuntimeApi, Process, Response, ResponseKind};

use crate::{
    ACCEPTED, DELIVERY_TIMEOUT, INCOMPLETE_BODY, INCOMPLETE_HEAD, NOT_HTTP, assert_loop_continues,
    break_connection_after_event, count_calls, kill_and_read_log, script, start_scripted,
};

/// The call with which the runtime delivers the result of the invocation under test.
#[derive(Clone, Copy, PartialEq)]
enum Call {
    /// The handler writes "hi".
    Response,
    /// The handler fails with "handler failed".
    Error,
}

impl Call {
    /// The call's name in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Response => "POST invocation/{id}/response",
            Self::Error => "POST invocation/{id}/error",
        }
    }

    /// The step of the handler.
    fn step(self) -> Value {
        match self {
            Self::Response => json!({"write": "hi"}),
            Self::Error => json!({"fail": "handler failed"}),
        }
    }

    fn event(self) -> Event {
        script(json!([self.step()])).request_id("id-9")
    }

    /// Asserts that the call was received complete.
    #[track_caller]
    fn assert_received(self, response: &Response) {
        match self {
            Self::Response => assert_eq!((response.text(), response.body_end()), ("hi", BodyEnd::LastChunk)),
            Self::Error => assert_eq!(
                (response.kind(), response.error().message.as_str()),
                (ResponseKind::Error, "handler failed")
            ),
        }
    }

    /// Asserts that the runtime made the call once, and continues with the next event. Returns the log lines that follow
    /// the handler's own error.
    #[track_caller]
    fn assert_made_once(self, lambda: &MockRuntimeApi, function: &Process) -> Vec<String> {
        assert_loop_continues(lambda);
        // The event of `assert_loop_continues` adds a response.
        let expected = match self {
            Self::Response => (2, 0),
            Self::Error => (1, 1),
        };
        assert_eq!(
            (count_calls(lambda, "response"), count_calls(lambda, "error")),
            expected
        );
        self.lines_after_error(&kill_and_read_log(function))
    }

    /// Returns the log lines without the line of the handler's own error, which must be the first.
    #[track_caller]
    fn lines_after_error(self, log: &str) -> Vec<String> {
        let mut lines = log.lines();
        if self == Self::Error {
            let first = lines.next().unwrap_or_default();
            assert!(first.contains("handler failed"), "{log}");
        }
        lines.map(str::to_owned).collect()
    }
}

/// Generates a module for each call with one test for each case.
macro_rules! cases_for_both_calls {
    ($($check:ident: $($name:ident($($argument:expr),*))*;)*) => {
        mod response {
            use super::*;
            $($(
                #[test]
                fn $name() {
                    $check(Call::Response, $($argument),*);
                }
            )*)*
        }

        mod error {
            use super::*;
            $($(
                #[test]
                fn $name() {
                    $check(Call::Error, $($argument),*);
                }
            )*)*
        }
    };
}

cases_for_both_calls! {
    assert_logged:
        closed_connection_is_logged(ConnectionFault::closed())
        half_closed_connection_is_logged(ConnectionFault::half_closed())
        reset_connection_is_logged(ConnectionFault::reset())
        connection_closed_in_head_is_logged(ConnectionFault::closed().after_sending(INCOMPLETE_HEAD))
        connection_reset_in_head_is_logged(ConnectionFault::reset().after_sending(INCOMPLETE_HEAD))
        non_http_response_is_logged(ConnectionFault::stalled().after_sending(NOT_HTTP));
    assert_accepted:
        connection_closed_in_body_is_accepted(ConnectionFault::closed().after_sending(INCOMPLETE_BODY))
        connection_reset_in_body_is_accepted(ConnectionFault::reset().after_sending(INCOMPLETE_BODY))
        connection_closed_after_response_reconnects(ConnectionFault::closed().after_sending(ACCEPTED))
        connection_reset_after_response_reconnects(ConnectionFault::reset().after_sending(ACCEPTED))
        bytes_after_response_are_not_an_event(ConnectionFault::stalled().after_sending(TWO_RESPONSES));
    assert_times_out:
        stall_times_out_after_deadline(ConnectionFault::stalled())
        stall_in_head_times_out_after_deadline(ConnectionFault::stalled().after_sending(INCOMPLETE_HEAD))
        stall_in_body_times_out_after_deadline(ConnectionFault::stalled().after_sending(INCOMPLETE_BODY));
    assert_reconnects:
        connection_closed_after_event_reconnects(ConnectionFault::closed())
        connection_half_closed_after_event_reconnects(ConnectionFault::half_closed())
        connection_reset_after_event_reconnects(ConnectionFault::reset())
        bytes_after_event_are_not_a_response(ConnectionFault::stalled().after_sending(ACCEPTED));
    assert_refused_connection_is_fatal:
        refused_connection_is_logged_and_next_fails();
    assert_rejection_logged:
        status_400_is_logged(400)
        status_403_is_logged(403)
        status_410_is_logged(410)
        status_413_is_logged(413)
        status_500_is_logged(500);
}

/// Lambda accepts the call and sends an unrelated response after that.
const TWO_RESPONSES: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}\
    HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

/// The fault is logged, and the call is not repeated.
fn assert_logged(call: Call, fault: ConnectionFault) {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(call.event().fault_after_response(fault));
    call.assert_received(&response);
    let lines = call.assert_made_once(&lambda, &function);
    let expected = format!("invocation id-9: {} failed", call.name());
    assert!(lines.len() == 1 && lines[0].contains(&expected), "{lines:?}");
}

/// Lambda has accepted the call with its status, so the fault after it is not logged.
fn assert_accepted(call: Call, fault: ConnectionFault) {
    let (lambda, function) = start_scripted();
    lambda.invoke(call.event().fault_after_response(fault));
    let lines = call.assert_made_once(&lambda, &function);
    assert!(lines.is_empty(), "{lines:?}");
}

/// The runtime waits until a second after the deadline, then closes the connection.
fn assert_times_out(call: Call, fault: ConnectionFault) {
    let (lambda, function) = start_scripted();
    let event = call.event().deadline_in(Duration::from_secs(2));
    let response = lambda.invoke(event.fault_after_response(fault));
    call.assert_received(&response);
    assert_eq!(response.status(), None);
    let lines = call.assert_made_once(&lambda, &function);
    assert!(lines.len() == 1 && lines[0].contains(DELIVERY_TIMEOUT), "{lines:?}");
}

/// The connection breaks before the call, which then uses a new connection. Nothing is logged.
fn assert_reconnects(call: Call, fault: ConnectionFault) {
    let (lambda, function) = start_scripted();
    let pending = break_connection_after_event(&lambda, &function, fault, call.step());
    call.assert_received(&pending.wait());
    let lines = call.assert_made_once(&lambda, &function);
    assert!(lines.is_empty(), "{lines:?}");
    assert_eq!(lambda.connections(), 2);
}

/// The call fails, and then the process exits because `next` fails too.
fn assert_refused_connection_is_fatal(call: Call) {
    let (lambda, function) = start_scripted();
    lambda.wait_for_next();
    lambda.refuse_connections();
    break_connection_after_event(&lambda, &function, ConnectionFault::closed(), call.step());
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr();
    let lines = call.lines_after_error(&log);
    assert_eq!(lines.len(), 2, "{log}");
    for (line, name) in lines.iter().zip([call.name(), "GET invocation/next"]) {
        assert!(
            line.contains(&format!("{name} failed")) && line.contains("refused"),
            "{log}"
        );
    }
}

/// A status other than 2xx is logged with Lambda's error, in one line.
fn assert_rejection_logged(call: Call, status: u16) {
    let (lambda, function) = start_scripted();
    lambda.invoke(call.event().rejected(status, "SomeType", "not\r\nnow"));
    let lines = call.assert_made_once(&lambda, &function);
    let expected = format!("{} was rejected with status {status}", call.name());
    assert!(
        lines.len() == 1 && lines[0].contains(&expected) && lines[0].contains(r"SomeType: not\r\nnow"),
        "{lines:?}"
    );
}
