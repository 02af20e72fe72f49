//! Shutdown after a signal: the runtime requests no further event, completes the responses in progress, runs the hook, and
//! exits with status 0.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, script};

use crate::start_function;

/// Waits for the exit of the process and returns how often the hook ran.
fn count_hook_runs(function: &Process) -> usize {
    function.wait_for_exit();
    function.stderr().matches("the hook runs").count()
}

#[test]
fn signal_between_invocations_exits_with_status_0() {
    for signal in ["TERM", "INT"] {
        let (lambda, function) = start_function(&[]);
        assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
        lambda.wait_for_next();
        function.signal(signal);
        assert_eq!(function.exit_code(), Some(0), "{signal}");
        assert_eq!(lambda.calls(), ["next", "response", "next"]);
    }
}

#[test]
fn hook_registers_extension_before_first_next() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    let registration = lambda.wait_for_registration();
    assert_eq!(registration.kind(), ResponseKind::Registration);
    assert_eq!(registration.json(), json!({"events": []}));
    assert_eq!(registration.header("Lambda-Extension-Name"), Some("lambda-stream"));
    assert_eq!(registration.content_type(), Some("application/json"));
    lambda.wait_for_extension();
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    lambda.wait_for_next();
    let mut calls = lambda.calls();
    assert_eq!(calls.remove(0), "register");
    calls.retain(|call| call != "event/next");
    assert_eq!(calls, ["next", "response", "next"]);

    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 1 handlers"));
    assert_eq!(count_hook_runs(&function), 1);
}

#[test]
fn function_without_hook_registers_no_extension() {
    let (lambda, _function) = start_function(&[]);
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next"]);
}

#[test]
fn rejected_registration_is_logged_and_function_runs() {
    let lambda = MockRuntimeApi::start();
    lambda.reject_registration(403, "Extension.AlreadyRegistered", "there are ten already");
    let function = Process::spawn_function_with(crate::command(&[("ON_SHUTDOWN", "ok")]), &lambda);
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    let log = function.wait_for_stderr(|text| text.contains("failed to register an extension"));
    assert!(
        log.contains("rejected with status 403 Forbidden: Extension.AlreadyRegistered: there are ten already"),
        "{log}"
    );
    lambda.wait_for_next();
    assert!(!lambda.calls().contains(&"event/next".to_owned()));
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(count_hook_runs(&function), 1);
}

#[test]
fn registration_without_response_times_out() {
    let lambda = MockRuntimeApi::start();
    lambda.delay_registration(Duration::from_secs(60));
    let function = Process::spawn_function_with(crate::command(&[("ON_SHUTDOWN", "ok")]), &lambda);
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    function.wait_for_stderr(|text| text.contains("failed to register an extension") && text.contains("within 1 s"));
}

/// Sends a signal while a response is in progress, and asserts that the response is complete before the hook runs.
///
/// The function has two event loops: one handles the event, and the other closes its connection when it gets the signal.
#[track_caller]
fn assert_signal_completes_response(signal: &str, steps: serde_json::Value, text: &str) {
    let (lambda, mut function) = start_function(&[("ON_SHUTDOWN", "ok"), ("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
    lambda.wait_for_next_calls(2);
    // The delay reveals a hook that does not wait until Lambda has accepted the response.
    let pending = lambda.queue(script(steps).accepted_after(Duration::from_millis(200)));
    pending.wait_for_body(|body| body == b"one");
    function.signal(signal);
    lambda.wait_for_no_next();
    function.write_stdin("");
    let log = function.wait_for_stderr(|text| text.contains("the hook runs"));
    let post = lambda
        .requests()
        .into_iter()
        .rfind(|request| request.path.ends_with("/response"));
    assert_eq!(
        post.unwrap().status,
        Some(202),
        "the hook ran before Lambda accepted the response: {log}"
    );
    let response = pending.wait();
    assert_eq!((response.text(), response.body_end()), (text, BodyEnd::LastChunk));
    assert!(!response.failed());
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(count_hook_runs(&function), 1);
    let calls = lambda.calls();
    assert_eq!(calls.iter().filter(|call| *call == "next").count(), 2, "{calls:?}");
}

#[test]
fn signal_mid_stream_completes_response_before_hook() {
    for signal in ["TERM", "INT"] {
        let steps = json!([{"write": "one"}, "await_stdin_end", {"write": " two"}, {"write": " three"}]);
        assert_signal_completes_response(signal, steps, "one two three");
    }
}

#[test]
fn signal_completes_stream_in_task() {
    let steps = json!([{"write": "one"}, {"spawn": ["await_stdin_end", {"sleep_ms": 20}, {"write": " two"}]}]);
    assert_signal_completes_response("TERM", steps, "one two");
}

#[test]
fn event_received_with_signal_is_handled() {
    for size in [0, 300_000] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
        lambda.wait_for_next();
        // The process is stopped. When it continues, the signal and the event are both there. Of the large event, only the
        // beginning has arrived.
        function.signal("STOP");
        let steps = json!([{"write": "one"}, {"sleep_ms": 20}, {"write": " two"}]);
        let event = json!({"steps": steps, "padding": "x".repeat(size)});
        let pending = lambda.queue(Event::json(event.to_string()));
        pending.wait_until_sent();
        function.signal("TERM");
        function.signal("CONT");
        let response = pending.wait();
        assert_eq!((response.text(), response.body_end()), ("one two", BodyEnd::LastChunk));
        assert_eq!(function.exit_code(), Some(0));
        assert!(function.stderr().contains("the hook runs after 1 handlers"));
    }
}

#[test]
fn deadline_limits_response_during_shutdown() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    let pending = lambda.queue(script(json!([{"write": "one"}, "hang"])).deadline_in(Duration::from_secs(2)));
    pending.wait_for_body(|body| body == b"one");
    function.signal("TERM");
    let response = pending.wait();
    assert_eq!(
        (response.text(), response.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(count_hook_runs(&function), 1);
}

#[test]
fn hook_runs_once_after_concurrent_responses() {
    let (lambda, mut function) = start_function(&[("ON_SHUTDOWN", "ok"), ("AWS_LAMBDA_MAX_CONCURRENCY", "6")]);
    lambda.wait_for_next_calls(6);
    let steps = |text: String| json!([{"write": text}, "await_stdin_end", {"write": " and more"}]);
    let pending: Vec<_> = (0..5)
        .map(|number| lambda.queue(script(steps(number.to_string()))))
        .collect();
    for pending in &pending {
        pending.first_bytes();
    }
    function.signal("TERM");
    lambda.wait_for_no_next();
    assert!(!function.stderr().contains("the hook runs"));
    function.write_stdin("");
    for (number, pending) in pending.iter().enumerate() {
        let response = pending.wait();
        assert_eq!(
            (response.text(), response.body_end()),
            (format!("{number} and more").as_str(), BodyEnd::LastChunk)
        );
        assert!(!response.failed());
    }
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 5 handlers"));
    assert_eq!(count_hook_runs(&function), 1);
}

#[test]
fn signal_stops_polling_on_all_threads() {
    const LOOPS: usize = 12;
    let lambda = MockRuntimeApi::start();
    // With concurrent invocations, the attribute starts one thread for each processor.
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", LOOPS.to_string());
    command.stdin(Stdio::piped());
    let mut function = Process::spawn_function_with(command, &lambda);
    lambda.wait_for_next_calls(LOOPS);
    let steps = json!([{"write": "one"}, "await_stdin_end", {"write": " two"}]);
    let pending: Vec<_> = (1..LOOPS).map(|_| lambda.queue(script(steps.clone()))).collect();
    for pending in &pending {
        pending.first_bytes();
    }
    function.signal("TERM");
    lambda.wait_for_no_next();
    function.write_stdin("");
    for pending in &pending {
        assert_eq!(pending.wait().text(), "one two");
    }
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(lambda.calls().iter().filter(|call| *call == "next").count(), LOOPS);
}

#[test]
fn failed_hook_is_logged_and_exits_with_status_1() {
    for (failure, log_line) in [
        ("error", "on_shutdown failed: Function.HookError: ON_SHUTDOWN failed"),
        ("panic", "on_shutdown failed: Function.Panic: ON_SHUTDOWN panicked"),
        (
            "hang",
            "on_shutdown failed: Function.Timeout: the hook was still running after 450 ms",
        ),
    ] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", failure)]);
        lambda.wait_for_next();
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(1), "{failure}");
        let log = function.stderr();
        assert!(log.contains(log_line), "{log}");
    }
}

#[test]
fn failed_next_runs_no_hook() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    lambda.respond_to_next(500, "{}");
    assert_eq!(function.exit_code(), Some(1));
    assert_eq!(count_hook_runs(&function), 0);
}

#[test]
fn second_interrupt_exits_without_hook() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    let pending = lambda.queue(script(json!([{"write": "one"}, "hang"])));
    pending.wait_for_body(|body| body == b"one");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains("press Ctrl-C again to exit immediately"));
    assert!(function.is_running());
    function.signal("INT");
    assert_eq!(function.exit_code(), Some(130));
    assert_eq!(count_hook_runs(&function), 0);
}
