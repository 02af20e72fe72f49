//! How a process ends when it is asked to: no further event, what is in flight whole, then the hook, then status 0.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind};

use crate::{script, start_function};

/// How often the hook ran, when the process has ended.
fn runs_of_the_hook(function: &Process) -> usize {
    function.wait_for_exit();
    function.stderr().matches("the hook runs").count()
}

#[test]
fn between_invocations_it_ends_at_once_with_status_0() {
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
fn with_a_hook_the_process_is_an_extension_to_itself_before_it_asks_for_an_event() {
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
    assert_eq!(runs_of_the_hook(&function), 1);
}

#[test]
fn without_a_hook_there_is_no_extension() {
    let (lambda, _function) = start_function(&[]);
    lambda.wait_for_next();
    assert_eq!(lambda.calls(), ["next"]);
}

#[test]
fn a_refused_registration_is_logged_and_the_function_runs_all_the_same() {
    let lambda = MockRuntimeApi::start();
    lambda.reject_registration(403, "Extension.AlreadyRegistered", "there are ten already");
    let function = Process::spawn_function_with(crate::command(&[("ON_SHUTDOWN", "ok")]), &lambda);
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    let log = function.wait_for_stderr(|text| text.contains("no extension is registered"));
    assert!(
        log.contains("refused with 403 Forbidden: Extension.AlreadyRegistered: there are ten already"),
        "{log}"
    );
    lambda.wait_for_next();
    assert!(!lambda.calls().contains(&"event/next".to_owned()));
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(runs_of_the_hook(&function), 1);
}

#[test]
fn a_registration_without_an_answer_does_not_hold_up_the_first_event_for_long() {
    let lambda = MockRuntimeApi::start();
    lambda.delay_registration(Duration::from_secs(60));
    let function = Process::spawn_function_with(crate::command(&[("ON_SHUTDOWN", "ok")]), &lambda);
    assert_eq!(lambda.invoke(script(json!([{"write": "hi"}]))).text(), "hi");
    function.wait_for_stderr(|text| text.contains("no extension is registered") && text.contains("within 1 s"));
}

/// Two loops, of which one has the event and the other shows by its lost connection that the signal was heard.
fn in_mid_stream(signal: &str, steps: serde_json::Value, text: &str) {
    let (lambda, mut function) = start_function(&[("ON_SHUTDOWN", "ok"), ("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
    lambda.wait_for_next_calls(2);
    // Lambda takes its time to accept, so that a hook that does not wait for it would be seen.
    let pending = lambda.queue(script(steps).accepted_after(Duration::from_millis(200)));
    pending.wait_for_body(|body| body == b"one");
    function.signal(signal);
    lambda.wait_for_no_next();
    function.write_stdin("");
    let log = function.wait_for_stderr(|text| text.contains("the hook runs"));
    let accepted = lambda
        .requests()
        .into_iter()
        .rfind(|request| request.path.ends_with("/response"));
    assert_eq!(
        accepted.unwrap().status,
        Some(202),
        "the hook ran before the answer had ended: {log}"
    );
    let answer = pending.wait();
    assert_eq!((answer.text(), answer.body_end()), (text, BodyEnd::LastChunk));
    assert!(!answer.failed());
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(runs_of_the_hook(&function), 1);
    let calls = lambda.calls();
    assert_eq!(calls.iter().filter(|call| *call == "next").count(), 2, "{calls:?}");
}

#[test]
fn in_mid_stream_the_answer_ends_whole_before_the_hook_runs() {
    for signal in ["TERM", "INT"] {
        let steps = json!([{"write": "one"}, "await_stdin_end", {"write": " two"}, {"write": " three"}]);
        in_mid_stream(signal, steps, "one two three");
    }
}

#[test]
fn a_task_that_holds_the_stream_is_in_flight_too() {
    let steps = json!([{"write": "one"}, {"spawn": ["await_stdin_end", {"sleep_ms": 20}, {"write": " two"}]}]);
    in_mid_stream("TERM", steps, "one two");
}

#[test]
fn an_event_that_came_with_the_signal_is_answered() {
    for size in [0, 300_000] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
        lambda.wait_for_next();
        // Held still, it sees both at once when it goes on, and of the larger event no more than its beginning.
        function.signal("STOP");
        let steps = json!([{"write": "one"}, {"sleep_ms": 20}, {"write": " two"}]);
        let event = json!({"steps": steps, "unread": "x".repeat(size)});
        let pending = lambda.queue(Event::json(event.to_string()));
        pending.wait_until_sent();
        function.signal("TERM");
        function.signal("CONT");
        let answer = pending.wait();
        assert_eq!((answer.text(), answer.body_end()), ("one two", BodyEnd::LastChunk));
        assert_eq!(function.exit_code(), Some(0));
        assert!(function.stderr().contains("the hook runs after 1 handlers"));
    }
}

#[test]
fn its_own_deadline_bounds_what_is_in_flight() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    let pending = lambda.queue(script(json!([{"write": "one"}, "hang"])).deadline_in(Duration::from_secs(2)));
    pending.wait_for_body(|body| body == b"one");
    function.signal("TERM");
    let answer = pending.wait();
    assert_eq!(
        (answer.text(), answer.error().header_type.as_str()),
        ("one", "Function.Timeout")
    );
    assert_eq!(function.exit_code(), Some(0));
    assert_eq!(runs_of_the_hook(&function), 1);
}

#[test]
fn of_several_at_once_all_end_whole_and_the_hook_runs_once() {
    let (lambda, mut function) = start_function(&[("ON_SHUTDOWN", "ok"), ("AWS_LAMBDA_MAX_CONCURRENCY", "6")]);
    lambda.wait_for_next_calls(6);
    let steps = |text: String| json!([{"write": text}, "await_stdin_end", {"write": " and on"}]);
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
        let answer = pending.wait();
        assert_eq!(
            (answer.text(), answer.body_end()),
            (format!("{number} and on").as_str(), BodyEnd::LastChunk)
        );
        assert!(!answer.failed());
    }
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 5 handlers"));
    assert_eq!(runs_of_the_hook(&function), 1);
}

#[test]
fn with_several_threads_too_no_further_event_is_asked_for() {
    const LOOPS: usize = 12;
    let lambda = MockRuntimeApi::start();
    // The attribute's function, which then has a thread for each processor.
    let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", LOOPS.to_string());
    command.stdin(std::process::Stdio::piped());
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
fn a_hook_that_fails_panics_or_takes_too_long_is_logged_and_the_status_says_so() {
    for (how, said) in [
        ("error", "on_shutdown failed: Function.HookError: ON_SHUTDOWN failed"),
        ("panic", "on_shutdown failed: Function.Panic: ON_SHUTDOWN panicked"),
        (
            "hang",
            "on_shutdown failed: Function.Timeout: it was still running after 450 ms",
        ),
    ] {
        let (lambda, function) = start_function(&[("ON_SHUTDOWN", how)]);
        lambda.wait_for_next();
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(1), "{how}");
        let log = function.stderr();
        assert!(log.contains(said), "{log}");
    }
}

#[test]
fn a_process_that_ends_for_want_of_events_runs_no_hook() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    lambda.respond_to_next(500, "{}");
    assert_eq!(function.exit_code(), Some(1));
    assert_eq!(runs_of_the_hook(&function), 0);
}

#[test]
fn a_second_interrupt_ends_it_at_once() {
    let (lambda, function) = start_function(&[("ON_SHUTDOWN", "ok")]);
    let pending = lambda.queue(script(json!([{"write": "one"}, "hang"])));
    pending.wait_for_body(|body| body == b"one");
    function.signal("INT");
    function.wait_for_stderr(|text| text.contains("a second Ctrl-C ends it at once"));
    assert!(function.is_running());
    function.signal("INT");
    assert_eq!(function.exit_code(), Some(130));
    assert_eq!(runs_of_the_hook(&function), 0);
}
