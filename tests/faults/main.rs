//! Faults of the Runtime API and of handlers. The runtime reports each fault to the caller where that is possible, logs it,
//! and then continues with the next event, or exits and logs the reason in one line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

/// Generates one test for each case of a check.
macro_rules! cases {
    ($check:ident: $($name:ident $arguments:tt)*) => {$(
        #[test]
        fn $name() {
            $check $arguments;
        }
    )*};
}

mod delivery;
mod handler_errors;
mod handler_panics;
mod handler_streams;
mod http_versions;
mod init_error;
mod log;
mod next;
mod panic_messages;
mod panics_in_user_code;
mod process_limits;
mod request_ids;
mod response;
mod subscribers;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use serde_json::{Value, json};
use test_support::{ConnectionFault, Event, MockRuntimeApi, PendingInvocation, Process, script, start};

/// A response of Lambda that is not HTTP.
const NOT_HTTP: &str = "SSH-2.0-OpenSSH_9.9\r\n";

/// The start of a response of Lambda, cut within a header name.
const INCOMPLETE_HEAD: &str = "HTTP/1.1 202 Accepted\r\nContent-Le";

/// A response of Lambda with 9 of 15 body bytes.
const INCOMPLETE_BODY: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\"";

/// The response with which Lambda accepts a response or an error.
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

/// The log message when Lambda does not respond until a second after the deadline.
const DELIVERY_TIMEOUT: &str = "Lambda did not accept the response within";

/// Starts the function that runs the steps in its event.
fn start_scripted() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_scripted"))
}

/// Starts the scripted function and waits for its first `next`.
fn start_waiting() -> (MockRuntimeApi, Process) {
    let (lambda, function) = start_scripted();
    lambda.wait_for_next();
    (lambda, function)
}

/// Starts the function that misuses the library.
fn start_misbehaving() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_misbehaving"))
}

/// Returns an event for the misbehaving function.
fn misuse(misuse: Value) -> Event {
    Event::json(misuse.to_string())
}

/// Delivers an event and then breaks its connection. The handler runs `step` once the process has closed the connection, or,
/// if the operating system does not show open sockets, after 500 ms.
#[track_caller]
fn break_connection_after_event(
    lambda: &MockRuntimeApi,
    function: &Process,
    fault: ConnectionFault,
    step: Value,
) -> PendingInvocation {
    let signal = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}", process::id(), lambda.address()));
    let _ = fs::remove_file(&signal);
    lambda.wait_for_next();
    let open_sockets = || function.resources().open_sockets().ok();
    let sockets = open_sockets();
    let event = script(json!([{ "await_file": signal }, step]));
    let pending = lambda.queue(event.fault_after_delivery(fault));
    pending.wait_for_delivery();
    let end = Instant::now() + Duration::from_secs(20);
    match sockets {
        Some(sockets) => {
            while open_sockets() >= Some(sockets) {
                assert!(Instant::now() < end, "the process keeps a dead connection open");
                thread::sleep(Duration::from_millis(1));
            }
        }
        None => thread::sleep(Duration::from_millis(500)),
    }
    fs::write(&signal, "").unwrap();
    pending
}

/// Asserts that the scripted function handles another event and then waits for the next one.
#[track_caller]
fn assert_loop_continues(lambda: &MockRuntimeApi) {
    let response = lambda.invoke(script(json!([{"write": "alive"}])));
    assert_eq!((response.text(), response.failed()), ("alive", false));
    lambda.wait_for_next();
    for pair in lambda.requests().windows(2) {
        let responded_at = pair[0].responded_at;
        assert!(
            responded_at.is_none_or(|at| at <= pair[1].at),
            "a call before Lambda's response to the previous one"
        );
    }
}

/// Returns the complete log of a running function. Kills the function, so that its output is complete.
#[track_caller]
fn kill_and_read_log(function: &Process) -> String {
    assert!(function.is_running(), "{}", function.stderr());
    function.kill();
    function.stderr()
}

/// Asserts that the process has exited with status 1 and logged one line that contains all `parts`.
#[track_caller]
fn assert_fatal(function: &Process, parts: &[&str]) {
    assert_eq!(function.exit_code(), Some(1), "{}", function.stderr());
    let log = function.stderr();
    let lines: Vec<_> = log.lines().collect();
    assert!(lines.len() == 1 && lines[0].starts_with("lambda-stream: "), "{log}");
    for part in parts {
        assert!(log.contains(part), "no {part:?} in {log}");
    }
}

/// Returns how often the runtime made this call.
fn count_calls(lambda: &MockRuntimeApi, call: &str) -> usize {
    lambda.calls().iter().filter(|name| *name == call).count()
}
