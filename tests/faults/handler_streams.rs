//! Handlers that misuse their stream or exceed their deadline. The invocation ends, and the next one is not affected.

use std::time::Duration;

use serde_json::json;
use test_support::{BodyEnd, Response, ResponseKind};

use crate::{assert_loop_continues, kill_and_read_log, misuse, script, start_misbehaving, start_scripted};

/// Asserts that the invocation timed out after the handler wrote this text.
#[track_caller]
fn assert_timed_out(response: &Response, kind: ResponseKind, text: &str) {
    let body = match kind {
        ResponseKind::Response => response.text(),
        _ => "",
    };
    assert_eq!((response.kind(), body), (kind, text));
    assert_eq!(response.error().header_type, "Function.Timeout");
}

const NEAR_DEADLINE: Duration = Duration::from_secs(2);

#[test]
fn handler_past_deadline_sends_error_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, "hang"])).deadline_in(NEAR_DEADLINE));
    assert_timed_out(&response, ResponseKind::Response, "one");
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "response", "next", "response", "next"]);
}

#[test]
fn handler_past_deadline_without_output_posts_error() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!(["hang"])).deadline_in(NEAR_DEADLINE));
    assert_timed_out(&response, ResponseKind::Error, "");
    assert_loop_continues(&lambda);
    assert_eq!(lambda.calls(), ["next", "error", "next", "response", "next"]);
}

#[test]
fn task_past_deadline_sends_trailers() {
    let (lambda, _function) = start_scripted();
    let steps = json!([{"spawn": [{"write": "one"}, "hang"]}]);
    let response = lambda.invoke(script(steps).deadline_in(NEAR_DEADLINE));
    assert_timed_out(&response, ResponseKind::Response, "one");
    assert_loop_continues(&lambda);
}

#[test]
fn handler_that_blocks_past_deadline_ends_afterwards() {
    let (lambda, function) = start_scripted();
    let steps = json!([{"write": "one"}, {"block_ms": 4000}, {"write": "two"}]);
    let response = lambda.invoke(script(steps).deadline_in(NEAR_DEADLINE));
    assert!(["one", "onetwo"].contains(&response.text()), "{response:?}");
    assert_eq!(
        (response.body_end(), response.status()),
        (BodyEnd::LastChunk, Some(202))
    );
    assert_loop_continues(&lambda);
    assert!(function.is_running());
}

#[test]
fn leaked_stream_ends_at_deadline() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!("forget")).deadline_in(NEAR_DEADLINE));
    assert_timed_out(&response, ResponseKind::Response, "one");
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn stream_stored_past_its_invocation_is_closed() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!("store")).deadline_in(NEAR_DEADLINE));
    assert_timed_out(&response, ResponseKind::Response, "one");
    let response = lambda.invoke(misuse(json!("write_to_stored")));
    assert!(response.text().starts_with("Err(Closed("), "{response:?}");
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn dropped_stream_ends_the_response() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, "drop", {"sleep_ms": 50}])));
    assert_eq!(
        (response.text(), response.body_end(), response.failed()),
        ("one", BodyEnd::LastChunk, false)
    );
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn error_without_stream_is_reported_in_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "one"}, "drop", {"write": "two"}])));
    assert_eq!(
        (response.text(), response.error().message.as_str()),
        ("one", "no stream is left")
    );
    assert_loop_continues(&lambda);
}

#[test]
fn write_after_shutdown_is_only_logged() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([{"copy": "one"}, {"write": "two"}])));
    assert_eq!(
        (response.text(), response.body_end(), response.failed()),
        ("one", BodyEnd::LastChunk, false)
    );
    assert_loop_continues(&lambda);
    assert!(kill_and_read_log(&function).contains("the response is closed: it has already ended"));
}

#[test]
fn handler_without_output_sends_empty_response() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([])));
    assert_eq!(
        (response.kind(), response.text(), response.failed()),
        (ResponseKind::Response, "", false)
    );
    assert_loop_continues(&lambda);
    assert_eq!(kill_and_read_log(&function), "");
}

#[test]
fn empty_chunks_do_not_end_the_response() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(
        json!([{"write": ""}, {"send": ""}, {"feed": [""]}, {"write": "one"}, {"send": ""}, {"write": ""}]),
    ));
    assert_eq!((response.text(), response.body_end()), ("one", BodyEnd::LastChunk));
    assert_loop_continues(&lambda);
}

#[test]
fn gigabyte_response_arrives_in_constant_memory() {
    const CHUNKS: usize = 1_000_000_000 / 65_536 + 1;
    let (lambda, function) = start_scripted();
    let event = script(json!([{"send_chunks": CHUNKS}])).deadline_in(Duration::from_secs(600));
    let pending = lambda.queue(event.discard_body());
    pending.wait_for_length(CHUNKS * 65_536);
    assert_eq!(
        (pending.wait().body_end(), pending.wait().failed()),
        (BodyEnd::LastChunk, false)
    );
    assert_loop_continues(&lambda);
    if let Ok(peak) = function.resources().peak_memory() {
        assert!(peak < 16 * 1024, "{peak} KiB");
    }
}

#[test]
fn two_tasks_share_the_stream_after_handler_returns() {
    let (lambda, _function) = start_misbehaving();
    let response = lambda.invoke(misuse(json!({"share": 1000})));
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
    let lines_of = |name: char| {
        response
            .text()
            .lines()
            .filter(|line| line.starts_with(name))
            .collect::<Vec<_>>()
    };
    for name in ['a', 'b'] {
        let written: Vec<_> = (0..1000).map(|n| format!("{name}{n}")).collect();
        assert_eq!(lines_of(name), written);
    }
    assert_eq!(response.text().lines().count(), 2000);
    assert_eq!(lambda.invoke(misuse(json!({"write": "alive"}))).text(), "alive");
}

#[test]
fn task_that_outlives_handler_completes_the_response() {
    let (lambda, _function) = start_scripted();
    let steps =
        json!([{"write": "one "}, {"spawn": [{"sleep_ms": 50}, {"write_bytes": 1_000_000}, {"write": " end"}]}]);
    let response = lambda.invoke(script(steps));
    assert_eq!(
        (response.body().len(), response.body_end()),
        (1_000_008, BodyEnd::LastChunk)
    );
    assert!(response.text().ends_with("x end"));
    assert_loop_continues(&lambda);
}

#[test]
fn finish_in_task_returns_after_acceptance() {
    let (lambda, function) = start_scripted();
    let steps = json!([{"spawn": [{"write": "one"}, "finish", {"panic": "after finish"}]}]);
    let response = lambda.invoke(script(steps).accepted_after(Duration::from_millis(50)));
    assert_eq!((response.text(), response.failed()), ("one", false));
    function.wait_for_stderr(|text| text.contains("after finish"));
    assert_loop_continues(&lambda);
}

#[test]
fn task_error_is_not_reported() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"spawn": [{"write": "one"}, {"fail": "not reported"}]}])));
    assert_eq!((response.text(), response.failed()), ("one", false));
    assert_loop_continues(&lambda);
}
