//! A failed `init` and faults of `POST init/error`. The process exits with status 1 and logs one line, however Lambda
//! responds.

use test_support::{ConnectionFault, MockRuntimeApi, Process, ResponseKind};

use crate::{INCOMPLETE_BODY, INCOMPLETE_HEAD, NOT_HTTP, assert_fatal};

const FAILED: &str = "init failed: Function.Error: the database is not available";
const NOT_REPORTED: &str = "; failed to report this to Lambda: POST init/error";

/// Starts a function whose `init` returns an error or panics.
fn start_failing(init: &str, lambda: &MockRuntimeApi) -> Process {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.env("INIT", init);
    Process::spawn_function_with(command, lambda)
}

#[test]
fn init_error_is_reported_before_next() {
    let lambda = MockRuntimeApi::start();
    let function = start_failing("error", &lambda);
    let report = lambda.wait_for_init_error();
    assert_eq!(report.kind(), ResponseKind::InitError);
    let error = report.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Error", "the database is not available")
    );
    assert_fatal(&function, &[FAILED]);
    assert!(!function.stderr().contains(NOT_REPORTED));
    assert_eq!(lambda.calls(), ["init/error"]);
}

#[test]
fn init_panic_is_reported_with_location() {
    let lambda = MockRuntimeApi::start();
    let function = start_failing("panic", &lambda);
    let error = lambda.wait_for_init_error().error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "invalid configuration")
    );
    assert!(error.stack_trace[0].contains("all_parameters.rs:"), "{error:?}");
    assert_eq!(function.exit_code(), Some(1));
    let log = function.stderr();
    let lines: Vec<_> = log.lines().filter(|line| line.starts_with("lambda-stream: ")).collect();
    assert!(
        lines.len() == 1 && lines[0].contains("init failed: Function.Panic: invalid configuration"),
        "{log}"
    );
    assert_eq!(lambda.calls(), ["init/error"]);
}

#[test]
fn refused_connection_is_logged() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    // Nothing listens on port 1, and the system never assigns it to a test.
    command
        .env("INIT", "error")
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    assert_fatal(&Process::spawn(command), &[FAILED, NOT_REPORTED, "refused"]);
}

/// The log line contains the fault, and the report is not repeated.
fn assert_logged(fault: ConnectionFault) {
    let lambda = MockRuntimeApi::start();
    lambda.fail_init_error(fault);
    assert_fatal(&start_failing("error", &lambda), &[FAILED, NOT_REPORTED]);
    assert_eq!(lambda.calls(), ["init/error"]);
}

cases! { assert_logged:
    closed_connection_is_logged(ConnectionFault::closed())
    half_closed_connection_is_logged(ConnectionFault::half_closed())
    reset_connection_is_logged(ConnectionFault::reset())
    connection_closed_in_head_is_logged(ConnectionFault::closed().after_sending(INCOMPLETE_HEAD))
    non_http_response_is_logged(ConnectionFault::stalled().after_sending(NOT_HTTP))
    stall_times_out(ConnectionFault::stalled())
    stall_in_head_times_out(ConnectionFault::stalled().after_sending(INCOMPLETE_HEAD))
}

#[test]
fn connection_closed_in_body_is_accepted() {
    let lambda = MockRuntimeApi::start();
    lambda.fail_init_error(ConnectionFault::closed().after_sending(INCOMPLETE_BODY));
    let function = start_failing("error", &lambda);
    assert_fatal(&function, &[FAILED]);
    assert!(!function.stderr().contains(NOT_REPORTED));
}

/// A status other than 2xx is logged with Lambda's error.
fn assert_rejection_logged(status: u16) {
    let lambda = MockRuntimeApi::start();
    lambda.respond_to_init_error(status, r#"{"errorType":"SomeType","errorMessage":"not\nnow"}"#);
    let rejected = format!("POST init/error was rejected with status {status}");
    assert_fatal(
        &start_failing("error", &lambda),
        &[FAILED, &rejected, r"SomeType: not\nnow"],
    );
    assert_eq!(lambda.calls(), ["init/error"]);
}

cases! { assert_rejection_logged:
    status_400_is_logged(400)
    status_403_is_logged(403)
    status_410_is_logged(410)
    status_413_is_logged(413)
    status_500_is_logged(500)
}
