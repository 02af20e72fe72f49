//! Nothing is lost: the Runtime API and the handler each do what they should not, a test a row. What comes of it is told
//! to the caller where that can be, and logged; the loop goes on, or the process ends and says why in one line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

/// Tests that differ in what they try.
macro_rules! rows {
    ($test:ident: $($name:ident $arguments:tt)*) => {$(
        #[test]
        fn $name() {
            $test $arguments;
        }
    )*};
}

mod error;
mod handler_errors;
mod handler_panics;
mod handler_streams;
mod init_error;
mod next;
mod response;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use serde_json::{Value, json};
use test_support::{ConnectionFault, Event, MockRuntimeApi, PendingInvocation, Process, script, start};

/// An answer of Lambda's that is no HTTP.
const GARBAGE: &str = "SSH-2.0-OpenSSH_9.9\r\n";

/// The head of an answer, as far as to the middle of a field.
const CUT_HEAD: &str = "HTTP/1.1 202 Accepted\r\nContent-Le";

/// An answer that is not all there: it is to have 15 bytes.
const CUT_BODY: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\"";

/// As Lambda answers when all is well.
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

/// The function that does what its event says.
fn scripted() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_scripted"))
}

/// The same, and it waits for its first event.
fn waiting() -> (MockRuntimeApi, Process) {
    let (lambda, function) = scripted();
    lambda.wait_for_next();
    (lambda, function)
}

/// The function that does what no handler should.
fn misbehaving() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_misbehaving"))
}

/// An event for it.
fn deed(deed: Value) -> Event {
    Event::json(deed.to_string())
}

/// An event whose connection is broken behind it. The handler does `then` when the process has let the connection go; where
/// the operating system does not tell, some time later.
#[track_caller]
fn over_a_dead_connection(
    lambda: &MockRuntimeApi,
    function: &Process,
    broken: ConnectionFault,
    then: Value,
) -> PendingInvocation {
    let signal = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}", process::id(), lambda.address()));
    let _ = fs::remove_file(&signal);
    lambda.wait_for_next();
    let open_sockets = || function.resources().open_sockets().ok();
    let sockets = open_sockets();
    let event = script(json!([{ "await_file": signal }, then]));
    let pending = lambda.queue(event.fault_after_delivery(broken));
    pending.wait_for_delivery();
    let patience = Instant::now() + Duration::from_secs(20);
    match sockets {
        Some(sockets) => {
            while open_sockets() >= Some(sockets) {
                assert!(Instant::now() < patience, "the process keeps a dead connection");
                thread::sleep(Duration::from_millis(1));
            }
        }
        None => thread::sleep(Duration::from_millis(500)),
    }
    fs::write(&signal, "").unwrap();
    pending
}

/// The loop goes on: the scripted function answers one more event, and waits for another.
#[track_caller]
fn goes_on(lambda: &MockRuntimeApi) {
    let answer = lambda.invoke(script(json!([{"write": "alive"}])));
    assert_eq!((answer.text(), answer.failed()), ("alive", false));
    lambda.wait_for_next();
    for pair in lambda.requests().windows(2) {
        let answered = pair[0].responded_at;
        assert!(
            answered.is_none_or(|at| at <= pair[1].at),
            "a call before Lambda's answer to the last"
        );
    }
}

/// All that a function had to say until now. This ends it: what it says is else perhaps still on its way.
#[track_caller]
fn all_said(function: &Process) -> String {
    assert!(function.is_running(), "{}", function.stderr());
    function.kill();
    function.stderr()
}

/// The process has ended with status 1, and said one thing, in which all of this stands.
#[track_caller]
fn ended(function: &Process, with: &[&str]) {
    assert_eq!(function.exit_code(), Some(1), "{}", function.stderr());
    let log = function.stderr();
    let lines: Vec<_> = log.lines().collect();
    assert!(lines.len() == 1 && lines[0].starts_with("lambda-stream: "), "{log}");
    for part in with {
        assert!(log.contains(part), "no {part:?} in {log}");
    }
}

/// How often the runtime made a call.
fn count(lambda: &MockRuntimeApi, call: &str) -> usize {
    lambda.calls().iter().filter(|name| *name == call).count()
}
