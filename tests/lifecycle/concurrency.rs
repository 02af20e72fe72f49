//! Concurrent invocations, as on Lambda Managed Instances: each has its own response, error and deadline.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, MockRuntimeApi, PendingInvocation, Process, ResponseKind, script};

use crate::start_function;

fn start(max_concurrency: usize) -> (MockRuntimeApi, Process) {
    let (lambda, function) = start_function(&[("AWS_LAMBDA_MAX_CONCURRENCY", &max_concurrency.to_string())]);
    lambda.wait_for_next_calls(max_concurrency);
    (lambda, function)
}

#[test]
fn concurrent_invocations_do_not_affect_each_other() {
    let (lambda, function) = start(4);
    let hang = |text: &str| script(json!([{"write": text}, "hang"])).deadline_in(Duration::from_secs(2));
    let hanging: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|text| (text, lambda.queue(hang(text))))
        .collect();
    for (text, pending) in &hanging {
        assert_eq!(pending.wait_for_body(|body| body.len() >= text.len()), text.as_bytes());
    }
    // Three event loops are busy. The fourth one handles the next events.
    assert_eq!(
        lambda
            .invoke(script(json!([{"write": "a"}, {"panic": "boom"}])))
            .error()
            .message,
        "boom"
    );
    assert_eq!(
        lambda.invoke(script(json!([{"fail": "no luck"}]))).error().message,
        "no luck"
    );
    assert_eq!(lambda.invoke(script(json!([{"write": "fine"}]))).text(), "fine");
    for (text, pending) in hanging {
        let response = pending.wait();
        assert_eq!(
            (response.text(), response.error().header_type.as_str()),
            (*text, "Function.Timeout")
        );
    }
    lambda.wait_for_next_calls(4);
    assert!(function.is_running());
}

const INVOCATIONS: usize = 64;

/// How an invocation ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Success,
    Error,
    Panic,
    Timeout,
}

impl End {
    /// Returns the end of the invocation with this number. Three of ten fail, each in a different way.
    fn of(number: usize) -> Self {
        match number % 10 {
            3 => Self::Error,
            5 => Self::Panic,
            7 => Self::Timeout,
            _ => Self::Success,
        }
    }

    /// Returns the last step of the handler.
    fn step(self, number: usize) -> Value {
        match self {
            Self::Success => json!({ "write": format!(" and {number}") }),
            Self::Error => {
                json!({ "fail_typed": [format!("Function.Own{number}"), format!("no luck with {number}")] })
            }
            Self::Panic => json!({ "panic": format!("boom {number}") }),
            Self::Timeout => json!("hang"),
        }
    }

    /// Asserts that the caller gets the response or error of this invocation. A failed invocation has this kind, and a
    /// started response begins with `prefix`.
    #[track_caller]
    fn assert_reported(self, number: usize, pending: &PendingInvocation, prefix: &str, kind: ResponseKind) {
        let response = pending.wait();
        if self == Self::Success {
            assert_eq!(response.kind(), ResponseKind::Response);
            assert_eq!(response.text(), format!("{prefix} and {number}"));
            assert_eq!(response.body_end(), BodyEnd::LastChunk);
            assert!(!response.failed(), "{response:?}");
            return;
        }
        assert_eq!(response.kind(), kind, "{number}");
        if kind == ResponseKind::Response {
            assert_eq!((response.text(), response.body_end()), (prefix, BodyEnd::LastChunk));
        }
        let error = response.error();
        let (error_type, message) = match self {
            Self::Error => (format!("Function.Own{number}"), format!("no luck with {number}")),
            Self::Panic => ("Function.Panic".to_owned(), format!("boom {number}")),
            _ => ("Function.Timeout".to_owned(), error.message.clone()),
        };
        assert_eq!((&error.header_type, &error.message), (&error_type, &message));
    }
}

/// Runs 64 invocations and checks each response. All of them start before any handler ends; `prefix` is what an invocation
/// writes first. A failed invocation is reported in a POST of this kind.
#[track_caller]
fn run_concurrently(prefix: impl Fn(usize) -> Option<String>, kind: ResponseKind) {
    let (lambda, mut function) = start(INVOCATIONS);
    let pending: Vec<_> = (0..INVOCATIONS)
        .map(|number| {
            let prefix = prefix(number).map(|text| json!({ "write": text }));
            // A handler that times out may do so before the last event arrives. All others wait for the last event.
            let end = End::of(number);
            let steps = prefix.into_iter().chain([json!("await_stdin_end"), end.step(number)]);
            let event = script(steps.collect());
            lambda.queue(match end {
                End::Timeout => event.deadline_in(Duration::from_secs(3)),
                _ => event,
            })
        })
        .collect();
    for (number, pending) in pending.iter().enumerate() {
        pending.wait_for_delivery();
        if prefix(number).is_some() {
            pending.first_bytes();
        }
    }
    function.write_stdin("");
    for (number, pending) in pending.iter().enumerate() {
        End::of(number).assert_reported(number, pending, &prefix(number).unwrap_or_default(), kind);
    }
    // All event loops poll again.
    lambda.wait_for_next_calls(INVOCATIONS);
    assert_eq!(
        lambda.calls().iter().filter(|call| *call == "next").count(),
        2 * INVOCATIONS
    );
    assert_eq!(lambda.invoke(script(json!([{"write": "fine"}]))).text(), "fine");
    assert!(function.is_running());
}

#[test]
fn mid_stream_failures_of_64_are_independent() {
    run_concurrently(|number| Some(format!("started {number}")), ResponseKind::Response);
}

#[test]
fn failures_before_first_byte_of_64_are_independent() {
    run_concurrently(|_| None, ResponseKind::Error);
}

#[test]
fn concurrent_invocations_share_state() {
    let (lambda, function) = start_function(&[("AWS_LAMBDA_MAX_CONCURRENCY", "64"), ("ON_SHUTDOWN", "ok")]);
    lambda.wait_for_next_calls(INVOCATIONS);
    let pending: Vec<_> = (0..INVOCATIONS)
        .map(|_| lambda.queue(script(json!([{"write": "hi"}]))))
        .collect();
    for pending in pending {
        assert_eq!(pending.wait().text(), "hi");
    }
    lambda.wait_for_next_calls(INVOCATIONS);
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 64 handlers"));
}

#[test]
fn process_exits_when_last_event_loop_fails() {
    let (lambda, function) = start(8);
    for running in (1..8).rev() {
        // The loops fail by turns with a rejection and with an invalid event.
        match running % 2 {
            0 => lambda.respond_to_next(500, "{}"),
            _ => lambda.respond_to_next(200, "an event without its headers"),
        }
        function.wait_for_stderr(|text| text.contains(&format!("{running} of 8 event loops are still running")));
        assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
        lambda.wait_for_next_calls(running);
    }
    lambda.respond_to_next(500, r#"{"errorType":"Extension.Crash","errorMessage":"the last one"}"#);
    assert_eq!(function.exit_code(), Some(1));
    assert!(function.stderr().contains("the last one"));
}
