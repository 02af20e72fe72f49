//! SnapStart: what runs before the snapshot and after it, in which order, and how each fails.

use test_support::{Process, ResponseKind};

use crate::{recorded_calls, start_function};

const ON: (&str, &str) = ("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
const BOTH: [(&str, &str); 2] = [("BEFORE_SNAPSHOT", "ok"), ("AFTER_RESTORE", "ok")];

/// What a failed hook of this name says: the error type, and its message.
fn failures(name: &str) -> [(&'static str, &'static str, String); 2] {
    [
        ("error", "Function.HookError", format!("{name} failed")),
        ("panic", "Function.Panic", format!("{name} panicked")),
    ]
}

#[test]
fn the_hooks_run_around_the_snapshot_and_the_restored_process_connects_anew() {
    let (lambda, _function) = start_function(&[ON, BOTH[0], BOTH[1]]);
    lambda.wait_for_snapshot();
    assert_eq!(lambda.calls(), ["restore/next"]);
    let before = lambda.connections();
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
    let of_the_snapshot = requests[0].connection;
    assert!(
        requests[1..]
            .iter()
            .all(|request| request.connection != of_the_snapshot)
    );
    assert_eq!(lambda.connections(), before + 1);
    lambda.wait_for_next();
    assert_eq!(lambda.calls()[..2], ["restore/next", "next"]);
}

#[test]
fn the_hook_after_runs_only_when_restored() {
    let (lambda, function) = start_function(&[ON, BOTH[0], ("AFTER_RESTORE", "error")]);
    lambda.wait_for_snapshot();
    assert!(function.is_running());
    assert_eq!(function.stderr(), "");
    lambda.restore();
    lambda.wait_for_restore_error();
}

#[test]
fn without_hooks_the_snapshot_is_waited_for_all_the_same() {
    let (lambda, _function) = start_function(&[ON]);
    lambda.restore();
    assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
    assert_eq!(lambda.calls()[..2], ["restore/next", "next"]);
}

#[test]
fn without_snapstart_no_hook_runs() {
    for how in ["on-demand", "provisioned-concurrency", ""] {
        let (lambda, _function) = start_function(&[("AWS_LAMBDA_INITIALIZATION_TYPE", how), BOTH[0], BOTH[1]]);
        assert_eq!(lambda.invoke(recorded_calls()).text(), "INIT");
        assert_eq!(lambda.calls()[..2], ["next", "response"]);
    }
}

#[test]
fn a_failure_before_the_snapshot_is_a_failed_start_up() {
    for (how, error_type, message) in failures("BEFORE_SNAPSHOT") {
        let (lambda, function) = start_function(&[ON, ("BEFORE_SNAPSHOT", how), BOTH[1]]);
        let answer = lambda.wait_for_init_error();
        assert_eq!(answer.kind(), ResponseKind::InitError);
        let error = answer.error();
        assert_eq!(
            (error.header_type.as_str(), error.message),
            (error_type, message.clone())
        );
        assert_eq!(function.exit_code(), Some(1));
        let said = format!("before_snapshot failed: {error_type}: {message}");
        assert!(function.stderr().contains(&said));
        assert_eq!(lambda.calls(), ["init/error"]);
    }
}

#[test]
fn a_failure_after_the_snapshot_is_a_failed_restoration() {
    for (how, error_type, message) in failures("AFTER_RESTORE") {
        let (lambda, function) = start_function(&[ON, BOTH[0], ("AFTER_RESTORE", how)]);
        lambda.restore();
        let answer = lambda.wait_for_restore_error();
        assert_eq!(answer.kind(), ResponseKind::RestoreError);
        let error = answer.error();
        assert_eq!(
            (error.header_type.as_str(), error.message),
            (error_type, message.clone())
        );
        assert_eq!(function.exit_code(), Some(1));
        let said = format!("after_restore failed: {error_type}: {message}");
        assert!(function.stderr().contains(&said));
        assert_eq!(lambda.calls(), ["restore/next", "restore/error"]);
        let [next, error] = &lambda.requests()[..] else {
            panic!("two requests")
        };
        assert_ne!(next.connection, error.connection);
    }
}

#[test]
fn a_refused_snapshot_ends_the_process_with_a_reason() {
    let (lambda, function) = start_function(&[ON, BOTH[0], BOTH[1]]);
    lambda.respond_to_restore(
        403,
        r#"{"errorType":"InvalidStateTransition","errorMessage":"not now"}"#,
    );
    assert_eq!(function.exit_code(), Some(1));
    let said = "GET restore/next was refused with 403 Forbidden: InvalidStateTransition: not now";
    assert!(function.stderr().contains(said));
}

#[test]
fn an_extension_is_registered_before_the_snapshot() {
    let (lambda, function) = start_function(&[ON, BOTH[0], BOTH[1], ("ON_SHUTDOWN", "ok")]);
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
fn on_a_laptop_there_is_no_snapshot() {
    let mut command = crate::command(&[ON, ("BEFORE_SNAPSHOT", "error"), ("AFTER_RESTORE", "error")]);
    command.args(["--event", r#""recorded_calls""#]);
    let function = Process::spawn(command);
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(function.stdout(), "INIT");
}
