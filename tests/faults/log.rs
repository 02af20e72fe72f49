//! The log lines of failed invocations: their length, and a standard error that is not read.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::json;
use test_support::{BodyEnd, MockRuntimeApi, Process};

use crate::{assert_loop_continues, script, start_scripted};

/// The maximum length of a log line. Lambda Managed Instances' emulator stops reading at a line of 64 KiB.
const MAX_LINE_LENGTH: usize = 16 * 1024;

#[test]
fn long_error_is_truncated_in_log() {
    let (lambda, function) = start_scripted();
    for steps in [
        json!([{"fail": "x".repeat(200_000)}]),
        json!([{"write": "one"}, {"fail": "🦀\n".repeat(40_000)}]),
    ] {
        assert!(lambda.invoke(script(steps)).failed());
    }
    assert_loop_continues(&lambda);
    let log = function.wait_for_stderr(|text| text.lines().count() == 2);
    for line in log.lines() {
        assert!(line.len() <= MAX_LINE_LENGTH, "{} bytes", line.len());
        assert!(line.starts_with("lambda-stream: invocation "), "{line}");
        assert!(
            line.contains(" failed: Function.Error: ") && line.ends_with(" more bytes)"),
            "{line}"
        );
    }
}

/// A process whose standard error is not read. It is killed when the test ends.
struct Unread(Child);

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn unread_standard_error_does_not_hold_up_responses() {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_RUNTIME_API", lambda.address());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut function = Unread(command.spawn().unwrap());

    // Together these lines are longer than the pipe and the queue of the library.
    for _ in 0..100 {
        let response = lambda.invoke(script(json!([{"write": "one"}, {"fail": "x".repeat(200_000)}])));
        assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
        assert_eq!(response.error().header_type, "Function.Error");
    }
    assert_loop_continues(&lambda);

    let log = BufReader::new(function.0.stderr.take().unwrap());
    for line in log.lines() {
        let line = line.unwrap();
        assert!(line.len() <= MAX_LINE_LENGTH, "{} bytes", line.len());
        if line.ends_with(" log lines were dropped, because standard error was not read") {
            return;
        }
    }
    panic!("the dropped lines are not logged");
}
