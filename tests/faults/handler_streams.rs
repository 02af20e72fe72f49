//! A handler that does with its stream, or with its time, what it should not: the invocation ends all the same, and the
//! next one is as if nothing had been.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Response, ResponseKind};

use crate::{all_said, deed, goes_on, misbehaving, script, scripted};

/// It was cut short, with this body.
#[track_caller]
fn timed_out(answer: &Response, kind: ResponseKind, text: &str) {
    let body = if kind == ResponseKind::Response {
        answer.text()
    } else {
        ""
    };
    assert_eq!((answer.kind(), body), (kind, text));
    assert_eq!(answer.error().header_type, "Function.Timeout");
}

const SOON: Duration = Duration::from_secs(2);

#[test]
fn a_handler_that_never_ends_is_ended_by_its_deadline_after_what_it_wrote() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "hang"])).deadline_in(SOON));
    timed_out(&answer, ResponseKind::Response, "one");
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn a_handler_that_never_ends_and_wrote_nothing_is_an_error() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!(["hang"])).deadline_in(SOON));
    timed_out(&answer, ResponseKind::Error, "");
    goes_on(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn a_task_that_never_ends_with_the_stream_is_ended_by_the_deadline() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"write": "one"}, "hang"]}])).deadline_in(SOON));
    timed_out(&answer, ResponseKind::Response, "one");
    goes_on(&lambda);
}

#[test]
fn a_handler_that_holds_its_thread_past_the_deadline_is_answered_when_it_lets_go() {
    let (lambda, function) = scripted();
    let steps = json!([{"write": "one"}, {"block_ms": 4000}, {"write": "two"}]);
    let answer = lambda.invoke(script(steps).deadline_in(SOON));
    assert!(["one", "onetwo"].contains(&answer.text()), "{answer:?}");
    assert_eq!((answer.body_end(), answer.status()), (BodyEnd::LastChunk, Some(202)));
    goes_on(&lambda);
    assert!(function.is_running());
}

#[test]
fn a_stream_that_is_forgotten_is_ended_by_the_deadline() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("forget")).deadline_in(SOON));
    timed_out(&answer, ResponseKind::Response, "one");
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn a_stream_that_is_kept_in_a_static_is_ended_by_the_deadline_and_takes_no_more() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!("store")).deadline_in(SOON));
    timed_out(&answer, ResponseKind::Response, "one");
    let answer = lambda.invoke(deed(json!("write_to_stored")));
    assert!(answer.text().starts_with("Err(Closed("), "{answer:?}");
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn a_stream_that_is_dropped_early_is_a_clean_end() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "drop", {"sleep_ms": 50}])));
    assert_eq!(
        (answer.text(), answer.body_end(), answer.failed()),
        ("one", BodyEnd::LastChunk, false)
    );
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_write_after_the_stream_was_dropped_fails_in_the_handler() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "one"}, "drop", {"write": "two"}])));
    assert_eq!(
        (answer.text(), answer.error().message.as_str()),
        ("one", "no stream is left")
    );
    goes_on(&lambda);
}

#[test]
fn a_write_after_the_end_changes_nothing_for_the_caller() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([{"copy": "one"}, {"write": "two"}])));
    assert_eq!(
        (answer.text(), answer.body_end(), answer.failed()),
        ("one", BodyEnd::LastChunk, false)
    );
    goes_on(&lambda);
    assert!(all_said(&function).contains("the response is closed: it has been ended"));
}

#[test]
fn a_handler_that_writes_nothing_is_an_empty_response() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.failed()),
        (ResponseKind::Response, "", false)
    );
    goes_on(&lambda);
    assert_eq!(all_said(&function), "");
}

#[test]
fn a_handler_that_writes_empty_pieces_ends_nothing_early() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        json!([{"write": ""}, {"send": ""}, {"feed": [""]}, {"write": "one"}, {"send": ""}, {"write": ""}]),
    ));
    assert_eq!((answer.text(), answer.body_end()), ("one", BodyEnd::LastChunk));
    goes_on(&lambda);
}

#[test]
fn a_gigabyte_arrives_whole_and_takes_no_memory() {
    const PIECES: usize = 1_000_000_000 / 65_536 + 1;
    let (lambda, function) = scripted();
    let event = script(json!([{"send_chunks": PIECES}])).deadline_in(Duration::from_secs(600));
    let pending = lambda.queue(event.discard_body());
    pending.wait_for_length(PIECES * 65_536);
    assert_eq!(
        (pending.wait().body_end(), pending.wait().failed()),
        (BodyEnd::LastChunk, false)
    );
    goes_on(&lambda);
    if let Ok(peak) = function.resources().peak_memory() {
        assert!(peak < 16 * 1024, "{peak} KiB");
    }
}

#[test]
fn two_tasks_that_write_through_a_lock_while_the_handler_has_returned_lose_nothing() {
    let (lambda, _function) = misbehaving();
    let answer = lambda.invoke(deed(json!({"share": 1000})));
    assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
    let of = |name: char| {
        answer
            .text()
            .lines()
            .filter(|line| line.starts_with(name))
            .collect::<Vec<_>>()
    };
    for name in ['a', 'b'] {
        let written: Vec<_> = (0..1000).map(|n| format!("{name}{n}")).collect();
        assert_eq!(of(name), written);
    }
    assert_eq!(answer.text().lines().count(), 2000);
    assert_eq!(lambda.invoke(deed(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn a_handler_that_returns_while_a_task_writes_on_loses_nothing() {
    let (lambda, _function) = scripted();
    let steps =
        json!([{"write": "one "}, {"spawn": [{"sleep_ms": 50}, {"write_bytes": 1_000_000}, {"write": " end"}]}]);
    let answer = lambda.invoke(script(steps));
    assert_eq!(
        (answer.body().len(), answer.body_end()),
        (1_000_008, BodyEnd::LastChunk)
    );
    assert!(answer.text().ends_with("x end"));
    goes_on(&lambda);
}

#[test]
fn a_task_that_ends_the_response_goes_on_when_lambda_has_answered() {
    let (lambda, function) = scripted();
    let steps = json!([{"spawn": [{"write": "one"}, "finish", {"panic": "on it goes"}]}]);
    let answer = lambda.invoke(script(steps).accepted_after(Duration::from_millis(50)));
    assert_eq!((answer.text(), answer.failed()), ("one", false));
    function.wait_for_stderr(|text| text.contains("on it goes"));
    goes_on(&lambda);
}

#[test]
fn a_task_that_fails_with_the_stream_is_a_clean_end_since_nobody_hears_it() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"spawn": [{"write": "one"}, {"fail": "unheard"}]}])));
    assert_eq!((answer.text(), answer.failed()), ("one", false));
    goes_on(&lambda);
}
