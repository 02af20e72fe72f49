//! SnapStart: the order of the hooks around the snapshot, and their failures.

use test_support::{Process, ResponseKind};

use crate::{recorded_calls, start_function};

const SNAP_START: (&str, &str) = ("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
const BEFORE_SNAPSHOT: (&str, &str) = ("BEFORE_SNAPSHOT", "ok");
const AFTER_RESTORE: (&str, &str) = ("AFTER_RESTORE", "ok");

/// Returns the ways in which a hook can fail: the value of its variable, the error type, and the message.
fn failures(variable: &str) -> [(&'static str, &'static str, String); 2] {
    [
        ("error", "Function.HookError", format!("{variable} failed")),
        ("panic", "Function.Panic", format!("{variable} panicked")),
    ]
}

#[test]
fn hooks_run_in_order_and_restore_reconnects() {
    let (lambda, _function) = start_function(&[SNAP_START, BEFORE_SNAPSHOT, AFTER_RESTORE]);
    lambda.wait_for_snapshot();
    assert_eq!(lambda.calls(), ["restore/next"]);
    let connections = lambda.connections();
    lambda.restore();
    assert_eq!(
        lambda.invoke(recorded_calls()).text(),
        "INIT BEFORE_SNAPSHOT AFTER_RESTORE"
    );
    assert_eq!(
        lambda.invoke(recorded_calls()).text(),
        "INIT BEFORE_SNAPSHOT AFTER_RESTORE"
    );
    let requests = lambda.requests();
    let snapshot_connection = requests[0].connection;
    assert!(
        requests[1..]
            .iter()
            .all(|request| request.connection != snapshot_connection)
    );
    assert_eq!(lambda.connections(), connections + 1);
    lambda.wait_for_next();
    assert_eq!(lambda.calls()[..2], ["restore/next", "next"]);
}

#[test]
fn after_restore_runs_only_after_restore() {
    let (lambda, function) = start_function(&[SNAP_START, BEFORE_SNAPSHOT, ("AFTER_RESTORE", "error")]);
    lambda.wait_for_snapshot();
    assert!(function.is_running());
    assert_eq!(function.stderr(), "");
    lambda.restore();
    lambda.wait_for_restore_error();
}

#[test]
fn snapshot_without_hooks_is_awaited() {
    let (lambda, _function) = start_function(&[SNAP_START]);
    lambda.restore();
    assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
    assert_eq!(lambda.calls()[..2], ["restore/next", "next"]);
}

#[test]
fn hooks_do_not_run_without_snapstart() {
    for initialization_type in ["on-demand", "provisioned-concurrency", ""] {
        let initialization_type = ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization_type);
        let (lambda, _function) = start_function(&[initialization_type, BEFORE_SNAPSHOT, AFTER_RESTORE]);
        assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
        assert_eq!(lambda.calls()[..2], ["next", "response"]);
    }
}

#[test]
fn before_snapshot_failure_posts_init_error() {
    for (failure, error_type, message) in failures("BEFORE_SNAPSHOT") {
        let (lambda, function) = start_function(&[SNAP_START, ("BEFORE_SNAPSHOT", failure), AFTER_RESTORE]);
        let response = lambda.wait_for_init_error();
        assert_eq!(response.kind(), ResponseKind::InitError);
        let error = response.error();
        assert_eq!(
            (error.header_type.as_str(), error.message),
            (error_type, message.clone())
        );
        assert_eq!(function.exit_code(), Some(1));
        let log_line = format!("before_snapshot failed: {error_type}: {message}");
        assert!(function.stderr().contains(&log_line));
        assert_eq!(lambda.calls(), ["init/error"]);
    }
}

#[test]
fn after_restore_failure_posts_restore_error() {
    for (failure, error_type, message) in failures("AFTER_RESTORE") {
        let (lambda, function) = start_function(&[SNAP_START, BEFORE_SNAPSHOT, ("AFTER_RESTORE", failure)]);
        lambda.restore();
        let response = lambda.wait_for_restore_error();
        assert_eq!(response.kind(), ResponseKind::RestoreError);
        let error = response.error();
        assert_eq!(
            (error.header_type.as_str(), error.message),
            (error_type, message.clone())
        );
        assert_eq!(function.exit_code(), Some(1));
        let log_line = format!("after_restore failed: {error_type}: {message}");
        assert!(function.stderr().contains(&log_line));
        assert_eq!(lambda.calls(), ["restore/next", "restore/error"]);
        let [next, error] = &lambda.requests()[..] else {
            panic!("expected two requests")
        };
        assert_ne!(next.connection, error.connection);
    }
}

#[test]
fn rejected_restore_ends_process_with_reason() {
    let (lambda, function) = start_function(&[SNAP_START, BEFORE_SNAPSHOT, AFTER_RESTORE]);
    lambda.respond_to_restore(
        403,
        r#"{"errorType":"InvalidStateTransition","errorMessage":"not now"}"#,
    );
    assert_eq!(function.exit_code(), Some(1));
    let log_line = "GET restore/next was rejected with status 403 Forbidden: InvalidStateTransition: not now";
    assert!(function.stderr().contains(log_line));
}

#[test]
fn extension_is_registered_before_snapshot() {
    let (lambda, function) = start_function(&[SNAP_START, BEFORE_SNAPSHOT, AFTER_RESTORE, ("ON_SHUTDOWN", "ok")]);
    lambda.wait_for_extension();
    lambda.restore();
    assert_eq!(
        lambda.invoke(recorded_calls()).text(),
        "INIT BEFORE_SNAPSHOT AFTER_RESTORE"
    );
    assert_eq!(lambda.calls()[0], "register");
    lambda.wait_for_next();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 1 handlers"));
}

#[test]
fn local_mode_takes_no_snapshot() {
    let mut command = crate::command(&[SNAP_START, ("BEFORE_SNAPSHOT", "error"), ("AFTER_RESTORE", "error")]);
    command.args(["--event", r#""recorded_calls""#]);
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "INIT");
}
