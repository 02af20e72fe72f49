//! Server-sent events and newline-delimited JSON.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, ResponseKind, start};

/// A keep-alive comment.
const COMMENT: &str = ":\n\n";

/// Starts `formats`, whose handler writes with a `sse::Writer` or a `ndjson::Writer`.
fn start_writer() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_formats"))
}

/// Starts `format_streams`, whose handler returns a stream.
fn start_returned_stream() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_format_streams"))
}

/// Starts a function with a pipe as its standard input.
fn start_with_stdin(path: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(path);
    command.stdin(Stdio::piped());
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

/// Returns an event for `formats` that writes server-sent events.
fn sse(steps: Value) -> Event {
    Event::json(json!({"format": "sse", "steps": steps}).to_string())
}

/// Returns an event for `formats` that writes newline-delimited JSON.
fn ndjson(steps: Value) -> Event {
    Event::json(json!({"format": "ndjson", "steps": steps}).to_string())
}

fn function_url(body: &Value) -> Event {
    Event::function_url("POST", "/").body(body.to_string()).event()
}

fn chunks(response: &Response) -> Vec<String> {
    let chunks = response.chunks().into_iter();
    chunks.map(|chunk| String::from_utf8(chunk.bytes).unwrap()).collect()
}

/// Splits a body into events and comments. Each of them ends with an empty line, and none contains one.
fn blocks(body: &str) -> impl Iterator<Item = &str> {
    body.split_inclusive("\n\n")
}

/// Counts the keep-alive comments in `body`.
fn count_comments(body: &[u8]) -> usize {
    let body = String::from_utf8_lossy(body);
    blocks(&body).filter(|block| *block == COMMENT).count()
}

/// Returns `body` without keep-alive comments.
fn without_comments(body: &str) -> String {
    blocks(body).filter(|block| *block != COMMENT).collect()
}

#[test]
fn format_sets_content_type() {
    let writer = |format: &str, step: Value| (start_writer(), json!({"format": format, "steps": [step]}));
    let cases = [
        (writer("sse", json!({"data": "a"})), "text/event-stream", "data: a\n\n"),
        (
            writer("ndjson", json!({"value": {"a": 1}})),
            "application/x-ndjson",
            "{\"a\":1}\n",
        ),
        (
            (start_returned_stream(), json!({"events": [{"data": "a"}]})),
            "text/event-stream",
            "data: a\n\n",
        ),
        (
            (start_returned_stream(), json!({"lines": [{"a": 1}, "b\nc"]})),
            "application/x-ndjson",
            "{\"a\":1}\n\"b\\nc\"\n",
        ),
    ];
    for (((lambda, _function), script), content_type, expected_body) in cases {
        let response = lambda.invoke(Event::json(script.to_string()));
        assert_eq!(
            (response.content_type(), response.text()),
            (Some(content_type), expected_body)
        );
        assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
        assert_eq!(response.header("Cache-Control"), None);

        let response = lambda.invoke(function_url(&script));
        let (prelude, body) = response.prelude();
        let mut headers = json!({"content-type": content_type});
        if content_type == "text/event-stream" {
            headers["cache-control"] = json!("no-cache");
        }
        assert_eq!(prelude, json!({"statusCode": 200, "headers": headers, "cookies": []}));
        assert_eq!(body, expected_body.as_bytes());
    }
}

#[test]
fn events_with_pauses_are_separate_chunks() {
    let (lambda, _function) = start_writer();
    // Between two events, the handler awaits a timer or blocks its thread.
    for pause in ["sleep_ms", "block_ms"] {
        let steps = (0..20).flat_map(|n| [json!({"data": format!("a\n{n}")}), json!({pause: 1})]);
        let response = lambda.invoke(sse(steps.collect()));
        let expected: Vec<_> = (0..20).map(|n| format!("data: a\ndata: {n}\n\n")).collect();
        assert_eq!(chunks(&response), expected);
        let steps = (0..20).flat_map(|n| [json!({"value": [n]}), json!({pause: 1})]);
        let response = lambda.invoke(ndjson(steps.collect()));
        assert_eq!(
            chunks(&response),
            (0..20).map(|n| format!("[{n}]\n")).collect::<Vec<_>>()
        );
    }
}

#[test]
fn events_without_pauses_share_chunks_in_order() {
    let (lambda, _function) = start_writer();
    let response = lambda.invoke(sse((0..5_000).map(|n| json!({"data": n.to_string()})).collect()));
    let expected: String = (0..5_000).map(|n| format!("data: {n}\n\n")).collect();
    assert_eq!(response.text(), expected);
    assert!(response.chunks().len() < 4_500, "{} chunks", response.chunks().len());
}

#[test]
fn idle_writer_sends_comments_while_handler_waits() {
    let (lambda, mut function) = start_with_stdin(env!("CARGO_BIN_EXE_formats"));
    let pending = lambda.queue(sse(
        json!([{"keep_alive": 20}, {"data": "a"}, "await_stdin_end", {"data": "b"}]),
    ));
    pending.wait_for_body(|body| count_comments(body) >= 3);
    function.write_stdin("");
    let response = pending.wait();
    assert_eq!(without_comments(response.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
    let chunks = chunks(&response);
    assert!(chunks.contains(&COMMENT.to_owned()), "{chunks:?}");
    lambda.wait_for_next();
}

#[test]
fn keep_alive_starts_response() {
    let (lambda, _function) = start_writer();
    let script = json!({"format": "sse", "steps": [{"keep_alive": 3_600_000}, "hang"]});
    let pending = lambda.queue(function_url(&script).deadline_in(Duration::from_secs(2)));
    pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    let response = pending.wait();
    assert_eq!(response.prelude().1, b"");
    assert_eq!(response.error().header_type, "Function.Timeout");
}

#[test]
fn cancelled_send_writes_whole_event_or_nothing() {
    const SIZE: usize = 500_000;
    let (lambda, mut function) = start_with_stdin(env!("CARGO_BIN_EXE_formats"));
    let steps = (0..30).flat_map(|n| [json!({"data": n.to_string()}), json!({"cancel_send": SIZE + n})]);
    let steps = [json!({"keep_alive": 1}), json!("await_stdin_end")]
        .into_iter()
        .chain(steps);
    let pending = lambda.queue(sse(steps.collect()).read_slowly(20_000_000));
    pending.wait_for_body(|body| count_comments(body) > 0);
    function.write_stdin("");
    let response = pending.wait();
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
    let events = without_comments(response.text());
    let (cancelled, completed): (Vec<_>, Vec<_>) = blocks(&events).partition(|block| block.len() > 100);
    assert_eq!(
        completed.concat(),
        (0..30).map(|n| format!("data: {n}\n\n")).collect::<String>()
    );
    let whole_events = (0..30)
        .map(|n| format!("data: {}\n\n", "x".repeat(SIZE + n)))
        .collect::<Vec<_>>();
    assert!(
        cancelled
            .iter()
            .all(|event| whole_events.iter().any(|whole| whole == event)),
        "an event is truncated"
    );
}

#[test]
fn mid_stream_failure_is_reported_in_trailers() {
    let (lambda, _function) = start_writer();
    for (last_step, header_type) in [
        (json!({"fail": "boom"}), "Function.Error"),
        (json!({"panic": "boom"}), "Function.Panic"),
        (json!({"spawn": [{"sleep_ms": 5}, {"panic": "boom"}]}), "Function.Panic"),
    ] {
        let steps = json!([{"keep_alive": 1}, {"data": "a"}, {"sleep_ms": 5}, last_step]);
        let response = lambda.invoke(sse(steps));
        assert_eq!(
            (response.kind(), response.body_end()),
            (ResponseKind::Response, BodyEnd::LastChunk)
        );
        assert_eq!(without_comments(response.text()), "data: a\n\n");
        let error = response.error();
        assert_eq!(
            (error.header_type.as_str(), error.message.as_str()),
            (header_type, "boom")
        );

        let response = lambda.invoke(ndjson(json!([{"value": "a"}, last_step])));
        assert_eq!((response.kind(), response.text()), (ResponseKind::Response, "\"a\"\n"));
        assert_eq!(response.error().header_type, header_type);
        lambda.wait_for_next();
    }
}

#[test]
fn failure_before_first_event_posts_error() {
    let (lambda, _function) = start_writer();
    for step in [
        json!({"fail": "boom"}),
        json!({"panic": "boom"}),
        json!({"spawn": [{"panic": "boom"}]}),
    ] {
        let response = lambda.invoke(sse(json!([step])));
        assert_eq!(
            (response.kind(), response.error().message.as_str()),
            (ResponseKind::Error, "boom")
        );
    }
}

#[test]
fn dropped_writer_ends_response() {
    let (lambda, _function) = start_writer();
    let first_steps = [json!({"keep_alive": 1}), json!({"data": "a"}), json!({"sleep_ms": 5})];
    for last_step in [
        json!("drop"),
        json!("finish"),
        json!({"sleep_ms": 0}),
        json!({"spawn": [{"sleep_ms": 5}]}),
        json!({"spawn": ["finish", {"fail": "not reported"}]}),
    ] {
        let steps: Vec<_> = first_steps.iter().cloned().chain([last_step]).collect();
        let response = lambda.invoke(sse(json!(steps)));
        assert_eq!(without_comments(response.text()), "data: a\n\n");
        assert_eq!(
            (response.kind(), response.body_end(), response.failed()),
            (ResponseKind::Response, BodyEnd::LastChunk, false)
        );
        lambda.wait_for_next();
    }
    // After `finish`, an error of the handler does not change the response.
    let response = lambda.invoke(ndjson(
        json!([{"value": 1}, "flush", "finish", {"fail": "not reported"}]),
    ));
    assert_eq!((response.text(), response.failed()), ("1\n", false));
}

#[test]
fn format_after_first_byte_is_error() {
    let (lambda, _function) = start_writer();
    for format in ["sse", "ndjson"] {
        let script = json!({"format": format, "started": true, "steps": []});
        let response = lambda.invoke(Event::json(script.to_string()));
        assert_eq!(
            (response.text(), response.content_type()),
            ("started", Some("application/octet-stream"))
        );
        assert!(
            response.error().message.contains("already started"),
            "{:?}",
            response.error()
        );
    }
}

#[test]
fn writer_sends_status_and_headers() {
    let (lambda, _function) = start_writer();
    let prelude = json!({"prelude": [201, [["access-control-allow-origin", "*"], ["cache-control", "no-store"]]]});
    for (format, step, content_type) in [
        ("sse", json!({"data": "a"}), "text/event-stream"),
        ("ndjson", json!({"value": "a"}), "application/x-ndjson"),
    ] {
        let script = json!({"format": format, "steps": [prelude, step]});
        let response = lambda.invoke(function_url(&script));
        let headers =
            json!({"access-control-allow-origin": "*", "cache-control": "no-store", "content-type": content_type});
        assert_eq!(
            response.prelude().0,
            json!({"statusCode": 201, "headers": headers, "cookies": []})
        );
    }
}

#[test]
fn invalid_item_is_error_and_not_sent() {
    let (lambda, _function) = start_writer();
    let injection = json!({"id": "7\n\ndata: injected"});
    let response = lambda.invoke(sse(json!([injection])));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert!(
        response.error().message.contains("contains a line break at byte 1"),
        "{:?}",
        response.error()
    );
    let response = lambda.invoke(sse(json!([{"data": "a"}, injection])));
    assert_eq!(
        (response.kind(), response.text()),
        (ResponseKind::Response, "data: a\n\n")
    );
    assert_eq!(response.error().header_type, "Function.StreamError");

    let response = lambda.invoke(ndjson(json!(["not_json"])));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert!(
        response
            .error()
            .message
            .ends_with("failed to serialize the value as JSON: key must be a string")
    );
    let response = lambda.invoke(ndjson(json!([{"value": 1}, "not_json"])));
    assert_eq!(
        (response.kind(), response.text(), response.failed()),
        (ResponseKind::Response, "1\n", true)
    );
}

#[test]
fn returned_stream_failure_is_reported() {
    let (lambda, _function) = start_returned_stream();
    for (last_item, header_type, message) in [
        (json!({"fail": "boom"}), "Function.Error", "boom"),
        (json!({"panic": "boom"}), "Function.Panic", "boom"),
        (json!({"id": "\0"}), "Function.StreamError", "NUL at byte 0"),
    ] {
        for form in ["events", "events_kept_alive"] {
            let response = lambda.invoke(Event::json(json!({form: [{"data": "a"}, last_item]}).to_string()));
            assert_eq!(
                (response.kind(), response.text()),
                (ResponseKind::Response, "data: a\n\n")
            );
            let error = response.error();
            assert_eq!(error.header_type, header_type);
            assert!(error.message.contains(message), "{error:?}");
            let response = lambda.invoke(Event::json(json!({form: [last_item]}).to_string()));
            assert_eq!(
                (response.kind(), response.error().header_type.as_str()),
                (ResponseKind::Error, header_type)
            );
        }
    }
}

#[test]
fn idle_returned_stream_sends_comments() {
    let (lambda, mut function) = start_with_stdin(env!("CARGO_BIN_EXE_format_streams"));
    let script = json!({"events_kept_alive": [{"data": "a"}, "await_stdin_end"]});
    let pending = lambda.queue(Event::json(script.to_string()));
    pending.wait_for_body(|body| count_comments(body) >= 3);
    function.write_stdin("b");
    let response = pending.wait();
    assert_eq!(without_comments(response.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((response.body_end(), response.failed()), (BodyEnd::LastChunk, false));
}
