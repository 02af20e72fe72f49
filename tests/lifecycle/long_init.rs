//! An `init` that takes longer than Lambda's init phase continues while the first invocation waits.

use std::time::Duration;

use test_support::{MockRuntimeApi, Process, ResponseKind};

use crate::{recorded_calls, start_function};

/// Starts a function whose `init` waits for its standard input, and waits until the runtime polls although `init` runs.
/// `variables` can set another `INIT`.
fn start_long_init(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process) {
    let mut all = vec![("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"), ("INIT", "read_input")];
    all.extend(variables);
    let (lambda, function) = start_function(&all);
    lambda.wait_for_next();
    (lambda, function)
}

#[test]
fn first_invocation_waits_for_init() {
    let (lambda, mut function) = start_long_init(&[("ON_SHUTDOWN", "ok")]);
    let invocation = lambda.queue(recorded_calls());
    function.write_stdin("ok");
    assert_eq!(invocation.wait().text(), "INIT");
    assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
    lambda.wait_for_next();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 2 handlers"));
}

#[test]
fn init_that_ends_before_first_event_is_not_delayed() {
    let (lambda, mut function) = start_long_init(&[]);
    function.write_stdin("ok");
    assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
}

#[test]
fn late_init_error_is_reported_by_first_invocation() {
    for (input, error_type, message) in [
        ("error", "Function.HookError", "INIT failed"),
        ("panic", "Function.Panic", "INIT panicked"),
    ] {
        let (lambda, mut function) = start_long_init(&[("ON_SHUTDOWN", "ok")]);
        let invocation = lambda.queue(recorded_calls());
        function.write_stdin(input);
        let response = invocation.wait();
        assert_eq!(response.kind(), ResponseKind::Error);
        let error = response.error();
        assert_eq!(
            (error.header_type.as_str(), error.message.as_str()),
            (error_type, message)
        );
        assert_eq!(function.exit_code(), Some(1));
        let log = function.stderr();
        assert!(log.contains(&format!("init failed: {error_type}: {message}")), "{log}");
        assert!(!log.contains("the hook runs"), "{log}");
        assert!(!lambda.calls().contains(&"init/error".to_owned()));
    }
}

#[test]
fn first_invocation_times_out_while_init_runs() {
    let (lambda, mut function) = start_long_init(&[]);
    let response = lambda.invoke(recorded_calls().deadline_in(Duration::from_millis(500)));
    assert_eq!(response.error().header_type, "Function.Timeout");
    function.write_stdin("ok");
    assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
}

#[test]
fn shutdown_while_init_runs_skips_hook() {
    // With `read_input`, `init` could return before the runtime has received the signal, and the hook would run.
    let (_lambda, function) = start_long_init(&[("INIT", "hang"), ("ON_SHUTDOWN", "ok")]);
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(!function.stderr().contains("the hook runs"));
}
