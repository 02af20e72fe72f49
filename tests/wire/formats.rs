//! Server-sent events and newline-delimited JSON, on the wire.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, ResponseKind};

use crate::start;

const COMMENT: &str = ":\n\n";

fn writing() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_formats"))
}

fn returning() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_format_streams"))
}

/// The same, and its standard input, for it to wait on.
fn start_with_input(path: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(path);
    command.stdin(Stdio::piped());
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

fn events(steps: Value) -> Event {
    Event::json(json!({"format": "sse", "steps": steps}).to_string())
}

fn lines(steps: Value) -> Event {
    Event::json(json!({"format": "ndjson", "steps": steps}).to_string())
}

fn function_url(body: &Value) -> Event {
    Event::function_url("POST", "/").body(body.to_string()).event()
}

fn chunks(answer: &Response) -> Vec<String> {
    let chunks = answer.chunks().into_iter();
    chunks.map(|chunk| String::from_utf8(chunk.bytes).unwrap()).collect()
}

/// Events and comments: each ends with an empty line, and none has one within.
fn blocks(body: &str) -> impl Iterator<Item = &str> {
    body.split_inclusive("\n\n")
}

/// How many comments there are so far.
fn comments(body: &[u8]) -> usize {
    let body = String::from_utf8_lossy(body);
    blocks(&body).filter(|block| *block == COMMENT).count()
}

/// The events between the comments.
fn without_comments(body: &str) -> String {
    blocks(body).filter(|block| *block != COMMENT).collect()
}

#[test]
fn each_form_says_its_content_type() {
    let written = |format: &str, step: Value| (writing(), json!({"format": format, "steps": [step]}));
    let cases = [
        (written("sse", json!({"data": "a"})), "text/event-stream", "data: a\n\n"),
        (
            written("ndjson", json!({"value": {"a": 1}})),
            "application/x-ndjson",
            "{\"a\":1}\n",
        ),
        (
            (returning(), json!({"events": [{"data": "a"}]})),
            "text/event-stream",
            "data: a\n\n",
        ),
        (
            (returning(), json!({"lines": [{"a": 1}, "b\nc"]})),
            "application/x-ndjson",
            "{\"a\":1}\n\"b\\nc\"\n",
        ),
    ];
    for (((lambda, _function), order), content_type, body) in cases {
        let answer = lambda.invoke(Event::json(order.to_string()));
        assert_eq!((answer.content_type(), answer.text()), (Some(content_type), body));
        assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
        assert_eq!(answer.header("Cache-Control"), None);

        let answer = lambda.invoke(function_url(&order));
        let (prelude, rest) = answer.prelude();
        let mut headers = json!({"content-type": content_type});
        if content_type == "text/event-stream" {
            headers["cache-control"] = json!("no-cache");
        }
        assert_eq!(prelude, json!({"statusCode": 200, "headers": headers, "cookies": []}));
        assert_eq!(rest, body.as_bytes());
    }
}

#[test]
fn events_written_apart_are_chunks_of_their_own() {
    let (lambda, _function) = writing();
    // Whether the handler awaits between them or holds its thread.
    for pause in ["sleep_ms", "block_ms"] {
        let steps = (0..20).flat_map(|n| [json!({"data": format!("a\n{n}")}), json!({pause: 1})]);
        let answer = lambda.invoke(events(steps.collect()));
        let expected: Vec<_> = (0..20).map(|n| format!("data: a\ndata: {n}\n\n")).collect();
        assert_eq!(chunks(&answer), expected);
        let steps = (0..20).flat_map(|n| [json!({"value": [n]}), json!({pause: 1})]);
        let answer = lambda.invoke(lines(steps.collect()));
        assert_eq!(chunks(&answer), (0..20).map(|n| format!("[{n}]\n")).collect::<Vec<_>>());
    }
}

#[test]
fn a_burst_of_events_gathers_in_order() {
    let (lambda, _function) = writing();
    let answer = lambda.invoke(events((0..5_000).map(|n| json!({"data": n.to_string()})).collect()));
    let expected: String = (0..5_000).map(|n| format!("data: {n}\n\n")).collect();
    assert_eq!(answer.text(), expected);
    assert!(answer.chunks().len() < 4_500, "{} chunks", answer.chunks().len());
}

#[test]
fn a_quiet_writer_sends_comments_while_the_handler_awaits_something_else() {
    let (lambda, mut function) = start_with_input(env!("CARGO_BIN_EXE_formats"));
    let pending = lambda.queue(events(
        json!([{"keep_alive": 20}, {"data": "a"}, "await_stdin_end", {"data": "b"}]),
    ));
    pending.wait_for_body(|body| comments(body) >= 3);
    function.write_stdin("");
    let answer = pending.wait();
    assert_eq!(without_comments(answer.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
    assert!(chunks(&answer).contains(&COMMENT.to_owned()), "{:?}", chunks(&answer));
    lambda.wait_for_next();
}

#[test]
fn to_keep_a_response_alive_starts_it() {
    let (lambda, _function) = writing();
    let order = json!({"format": "sse", "steps": [{"keep_alive": 3_600_000}, "hang"]});
    let pending = lambda.queue(function_url(&order).deadline_in(Duration::from_secs(2)));
    pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    let answer = pending.wait();
    assert_eq!(answer.prelude().1, b"");
    assert_eq!(answer.error().header_type, "Function.Timeout");
}

#[test]
fn events_are_whole_or_not_there_whatever_is_given_up() {
    const SIZE: usize = 500_000;
    let (lambda, mut function) = start_with_input(env!("CARGO_BIN_EXE_formats"));
    let steps = (0..30).flat_map(|n| [json!({"data": n.to_string()}), json!({"cancel_send": SIZE + n})]);
    let steps = [json!({"keep_alive": 1}), json!("await_stdin_end")]
        .into_iter()
        .chain(steps);
    let pending = lambda.queue(events(steps.collect()).read_slowly(20_000_000));
    pending.wait_for_body(|body| comments(body) > 0);
    function.write_stdin("");
    let answer = pending.wait();
    assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
    let all = without_comments(answer.text());
    let (given_up, kept): (Vec<_>, Vec<_>) = blocks(&all).partition(|block| block.len() > 100);
    assert_eq!(
        kept.concat(),
        (0..30).map(|n| format!("data: {n}\n\n")).collect::<String>()
    );
    let whole = (0..30)
        .map(|n| format!("data: {}\n\n", "x".repeat(SIZE + n)))
        .collect::<Vec<_>>();
    assert!(
        given_up.iter().all(|block| whole.iter().any(|whole| whole == block)),
        "an event was cut"
    );
}

#[test]
fn an_error_or_a_panic_in_mid_stream_is_told_in_trailers() {
    let (lambda, _function) = writing();
    for (last, header_type) in [
        (json!({"fail": "boom"}), "Function.Error"),
        (json!({"panic": "boom"}), "Function.Panic"),
        (json!({"spawn": [{"sleep_ms": 5}, {"panic": "boom"}]}), "Function.Panic"),
    ] {
        let answer = lambda.invoke(events(json!([{"keep_alive": 1}, {"data": "a"}, {"sleep_ms": 5}, last])));
        assert_eq!(
            (answer.kind(), answer.body_end()),
            (ResponseKind::Response, BodyEnd::LastChunk)
        );
        assert_eq!(without_comments(answer.text()), "data: a\n\n");
        let error = answer.error();
        assert_eq!(
            (error.header_type.as_str(), error.message.as_str()),
            (header_type, "boom")
        );

        let answer = lambda.invoke(lines(json!([{"value": "a"}, last])));
        assert_eq!((answer.kind(), answer.text()), (ResponseKind::Response, "\"a\"\n"));
        assert_eq!(answer.error().header_type, header_type);
        lambda.wait_for_next();
    }
}

#[test]
fn an_error_or_a_panic_before_the_first_event_is_no_response() {
    let (lambda, _function) = writing();
    for step in [
        json!({"fail": "boom"}),
        json!({"panic": "boom"}),
        json!({"spawn": [{"panic": "boom"}]}),
    ] {
        let answer = lambda.invoke(events(json!([step])));
        assert_eq!(
            (answer.kind(), answer.error().message.as_str()),
            (ResponseKind::Error, "boom")
        );
    }
}

#[test]
fn a_writer_that_is_dropped_ends_its_response_cleanly() {
    let (lambda, _function) = writing();
    let kept_alive = [json!({"keep_alive": 1}), json!({"data": "a"}), json!({"sleep_ms": 5})];
    for last in [
        json!("drop"),
        json!("finish"),
        json!({"sleep_ms": 0}),
        json!({"spawn": [{"sleep_ms": 5}]}),
        json!({"spawn": ["finish", {"fail": "unseen"}]}),
    ] {
        let steps: Vec<_> = kept_alive.iter().cloned().chain([last]).collect();
        let answer = lambda.invoke(events(json!(steps)));
        assert_eq!(without_comments(answer.text()), "data: a\n\n");
        assert_eq!(
            (answer.kind(), answer.body_end(), answer.failed()),
            (ResponseKind::Response, BodyEnd::LastChunk, false)
        );
        lambda.wait_for_next();
    }
    // Over, whatever the handler does then.
    let answer = lambda.invoke(lines(json!([{"value": 1}, "flush", "finish", {"fail": "unseen"}])));
    assert_eq!((answer.text(), answer.failed()), ("1\n", false));
}

#[test]
fn a_format_comes_before_the_first_byte() {
    let (lambda, _function) = writing();
    for format in ["sse", "ndjson"] {
        let order = json!({"format": format, "started": true, "steps": []});
        let answer = lambda.invoke(Event::json(order.to_string()));
        assert_eq!(
            (answer.text(), answer.content_type()),
            ("started", Some("application/octet-stream"))
        );
        assert!(
            answer.error().message.contains("already started"),
            "{:?}",
            answer.error()
        );
    }
}

#[test]
fn status_and_headers_go_with_a_format() {
    let (lambda, _function) = writing();
    let http = json!({"prelude": [201, [["access-control-allow-origin", "*"], ["cache-control", "no-store"]]]});
    for (format, step, content_type) in [
        ("sse", json!({"data": "a"}), "text/event-stream"),
        ("ndjson", json!({"value": "a"}), "application/x-ndjson"),
    ] {
        let order = json!({"format": format, "steps": [http, step]});
        let answer = lambda.invoke(function_url(&order));
        let headers =
            json!({"access-control-allow-origin": "*", "cache-control": "no-store", "content-type": content_type});
        assert_eq!(
            answer.prelude().0,
            json!({"statusCode": 201, "headers": headers, "cookies": []})
        );
    }
}

#[test]
fn what_cannot_stand_in_a_format_is_an_error_and_not_sent() {
    let (lambda, _function) = writing();
    let injected = json!({"id": "7\n\ndata: injected"});
    let answer = lambda.invoke(events(json!([injected])));
    assert_eq!(answer.kind(), ResponseKind::Error);
    assert!(
        answer.error().message.contains("has a line end at byte 1"),
        "{:?}",
        answer.error()
    );
    let answer = lambda.invoke(events(json!([{"data": "a"}, injected])));
    assert_eq!((answer.kind(), answer.text()), (ResponseKind::Response, "data: a\n\n"));
    assert_eq!(answer.error().header_type, "Function.StreamError");

    let answer = lambda.invoke(lines(json!(["not_json"])));
    assert_eq!(answer.kind(), ResponseKind::Error);
    assert!(
        answer
            .error()
            .message
            .ends_with("the value is no JSON: key must be a string")
    );
    let answer = lambda.invoke(lines(json!([{"value": 1}, "not_json"])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.failed()),
        (ResponseKind::Response, "1\n", true)
    );
}

#[test]
fn returned_events_fail_as_any_stream() {
    let (lambda, _function) = returning();
    for (last, header_type, message) in [
        (json!({"fail": "boom"}), "Function.Error", "boom"),
        (json!({"panic": "boom"}), "Function.Panic", "boom"),
        (json!({"id": "\0"}), "Function.StreamError", "NUL at byte 0"),
    ] {
        for form in ["events", "events_kept_alive"] {
            let answer = lambda.invoke(Event::json(json!({form: [{"data": "a"}, last]}).to_string()));
            assert_eq!((answer.kind(), answer.text()), (ResponseKind::Response, "data: a\n\n"));
            let error = answer.error();
            assert_eq!(error.header_type, header_type);
            assert!(error.message.contains(message), "{error:?}");
            let answer = lambda.invoke(Event::json(json!({form: [last]}).to_string()));
            assert_eq!(
                (answer.kind(), answer.error().header_type.as_str()),
                (ResponseKind::Error, header_type)
            );
        }
    }
}

#[test]
fn a_quiet_returned_stream_is_kept_alive() {
    let (lambda, mut function) = start_with_input(env!("CARGO_BIN_EXE_format_streams"));
    let order = json!({"events_kept_alive": [{"data": "a"}, "await_stdin_end"]});
    let pending = lambda.queue(Event::json(order.to_string()));
    pending.wait_for_body(|body| comments(body) >= 3);
    function.write_stdin("b");
    let answer = pending.wait();
    assert_eq!(without_comments(answer.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((answer.body_end(), answer.failed()), (BodyEnd::LastChunk, false));
}
