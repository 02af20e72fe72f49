//! Several invocations at once, as on Lambda Managed Instances: each with an answer, an error and a deadline of its own.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, MockRuntimeApi, PendingInvocation, Process, ResponseKind};

use crate::{script, start_function};

fn start(at_once: usize) -> (MockRuntimeApi, Process) {
    let (lambda, function) = start_function(&[("AWS_LAMBDA_MAX_CONCURRENCY", &at_once.to_string())]);
    lambda.wait_for_next_calls(at_once);
    (lambda, function)
}

#[test]
fn so_many_are_answered_at_the_same_time_and_none_disturbs_another() {
    let (lambda, function) = start(4);
    let hanging = |text: &str| script(json!([{"write": text}, "hang"])).deadline_in(Duration::from_secs(2));
    let hanging: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|text| (text, lambda.queue(hanging(text))))
        .collect();
    for (text, pending) in &hanging {
        assert_eq!(pending.wait_for_body(|body| body.len() >= text.len()), text.as_bytes());
    }
    // All three are under way, and the fourth loop answers whatever comes.
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
        let answer = pending.wait();
        assert_eq!(
            (answer.text(), answer.error().header_type.as_str()),
            (*text, "Function.Timeout")
        );
    }
    lambda.wait_for_next_calls(4);
    assert!(function.is_running());
}

const MANY: usize = 64;

/// How one of many ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Whole,
    Fails,
    Panics,
    TimesOut,
}

impl End {
    /// Of every ten, three end badly, each in its own way.
    fn of(number: usize) -> Self {
        match number % 10 {
            3 => Self::Fails,
            5 => Self::Panics,
            7 => Self::TimesOut,
            _ => Self::Whole,
        }
    }

    fn step(self, number: usize) -> Value {
        match self {
            Self::Whole => json!({ "write": format!(" and {number}") }),
            Self::Fails => {
                json!({ "fail_typed": [format!("Function.Mine{number}"), format!("no luck with {number}")] })
            }
            Self::Panics => json!({ "panic": format!("boom {number}") }),
            Self::TimesOut => json!("hang"),
        }
    }

    /// Checks what the caller was told.
    fn check(self, number: usize, pending: &PendingInvocation, begun: &str, kind: ResponseKind) {
        let answer = pending.wait();
        if self == Self::Whole {
            assert_eq!(answer.kind(), ResponseKind::Response);
            assert_eq!(answer.text(), format!("{begun} and {number}"));
            assert_eq!(answer.body_end(), BodyEnd::LastChunk);
            assert!(!answer.failed(), "{answer:?}");
            return;
        }
        assert_eq!(answer.kind(), kind, "{number}");
        if kind == ResponseKind::Response {
            assert_eq!((answer.text(), answer.body_end()), (begun, BodyEnd::LastChunk));
        }
        let error = answer.error();
        let (error_type, message) = match self {
            Self::Fails => (format!("Function.Mine{number}"), format!("no luck with {number}")),
            Self::Panics => ("Function.Panic".to_owned(), format!("boom {number}")),
            _ => ("Function.Timeout".to_owned(), error.message.clone()),
        };
        assert_eq!((&error.header_type, &error.message), (&error_type, &message));
    }
}

/// All at once, in the same state of the process: no handler goes on before the last one is there.
fn many(begun: impl Fn(usize) -> Option<String>, kind: ResponseKind) {
    let (lambda, mut function) = start(MANY);
    let pending: Vec<_> = (0..MANY)
        .map(|number| {
            let begun = begun(number).map(|text| json!({ "write": text }));
            // Those that hang may be given up before or after; all others wait for the last to arrive.
            let end = End::of(number);
            let steps = begun.into_iter().chain([json!("await_stdin_end"), end.step(number)]);
            let event = script(steps.collect());
            lambda.queue(match end {
                End::TimesOut => event.deadline_in(Duration::from_secs(3)),
                _ => event,
            })
        })
        .collect();
    for (number, pending) in pending.iter().enumerate() {
        pending.wait_for_delivery();
        if begun(number).is_some() {
            pending.first_bytes();
        }
    }
    function.write_stdin("");
    for (number, pending) in pending.iter().enumerate() {
        End::of(number).check(number, pending, &begun(number).unwrap_or_default(), kind);
    }
    // All loops are there, and none is the worse for it.
    lambda.wait_for_next_calls(MANY);
    assert_eq!(lambda.calls().iter().filter(|call| *call == "next").count(), 2 * MANY);
    assert_eq!(lambda.invoke(script(json!([{"write": "fine"}]))).text(), "fine");
    assert!(function.is_running());
}

#[test]
fn of_64_in_mid_stream_each_has_its_own_answer_error_panic_and_deadline() {
    many(|number| Some(format!("begun {number}")), ResponseKind::Response);
}

#[test]
fn of_64_before_the_first_byte_each_has_its_own_answer_error_panic_and_deadline() {
    many(|_| None, ResponseKind::Error);
}

#[test]
fn the_state_is_one_for_all() {
    let (lambda, function) = start_function(&[("AWS_LAMBDA_MAX_CONCURRENCY", "64"), ("ON_SHUTDOWN", "ok")]);
    lambda.wait_for_next_calls(MANY);
    let pending: Vec<_> = (0..MANY)
        .map(|_| lambda.queue(script(json!([{"write": "hi"}]))))
        .collect();
    for pending in pending {
        assert_eq!(pending.wait().text(), "hi");
    }
    lambda.wait_for_next_calls(MANY);
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the hook runs after 64 handlers"));
}

#[test]
fn pollers_broken_one_by_one_leave_the_process_alive_until_the_last() {
    let (lambda, function) = start(8);
    for left in (1..8).rev() {
        // By turns, what Lambda may answer and what may become of a connection.
        match left % 2 {
            0 => lambda.respond_to_next(500, "{}"),
            _ => lambda.respond_to_next(200, "an event without its headers"),
        }
        function.wait_for_stderr(|text| text.contains(&format!("of 8 loops, {left} go on")));
        assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
        lambda.wait_for_next_calls(left);
    }
    lambda.respond_to_next(500, r#"{"errorType":"Extension.Crash","errorMessage":"the last one"}"#);
    assert_eq!(function.exit_code(), Some(1));
    assert!(function.stderr().contains("the last one"));
}
