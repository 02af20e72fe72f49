//! Server-sent events and newline-delimited JSON, on the wire.

use std::process::Stdio;
use std::time::Duration;

use lambda_stream_tests::{Answer, Ending, Event, Function, Kind, StandIn};
use serde_json::{Value, json};

use crate::start;

const COMMENT: &str = ":\n\n";

fn writing() -> (StandIn, Function) {
    start(env!("CARGO_BIN_EXE_formats"))
}

fn returning() -> (StandIn, Function) {
    start(env!("CARGO_BIN_EXE_formatted_items"))
}

/// The same, and its standard input, for it to wait on.
fn start_with_input(path: &str) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let mut command = Function::command(path);
    command.stdin(Stdio::piped());
    let function = Function::spawn_with(command, &lambda);
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

fn chunks(answer: &Answer) -> Vec<String> {
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
        assert_eq!((answer.ending(), answer.failed()), (Ending::Clean, false));
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
    let steps = (0..20).flat_map(|n| [json!({"data": format!("a\n{n}")}), json!({"milliseconds": 1})]);
    let answer = lambda.invoke(events(steps.collect()));
    let expected: Vec<_> = (0..20).map(|n| format!("data: a\ndata: {n}\n\n")).collect();
    assert_eq!(chunks(&answer), expected);
    let steps = (0..20).flat_map(|n| [json!({"value": [n]}), json!({"milliseconds": 1})]);
    let answer = lambda.invoke(lines(steps.collect()));
    assert_eq!(chunks(&answer), (0..20).map(|n| format!("[{n}]\n")).collect::<Vec<_>>());
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
        json!([{"keep_alive": 20}, {"data": "a"}, "await_input", {"data": "b"}]),
    ));
    pending.wait_for_body(|body| comments(body) >= 3);
    function.feed_stdin("");
    let answer = pending.wait();
    assert_eq!(without_comments(answer.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((answer.ending(), answer.failed()), (Ending::Clean, false));
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
fn comments_are_never_within_an_event() {
    let (lambda, mut function) = start_with_input(env!("CARGO_BIN_EXE_formats"));
    // Of all sizes from a few bytes to twice the pipe, with pauses about as long as the interval.
    let texts: Vec<_> = (1..=150).map(|n| format!("{n}\n{}", "x".repeat(n * n * 6))).collect();
    let steps = texts
        .iter()
        .flat_map(|text| [json!({"data": text}), json!({"milliseconds": 2})]);
    let steps = [json!({"keep_alive": 1}), json!("await_input")]
        .into_iter()
        .chain(steps);
    let pending = lambda.queue(events(steps.collect()).read_slowly(20_000_000));
    pending.wait_for_body(|body| comments(body) > 0);
    function.feed_stdin("");
    let answer = pending.wait();
    let expected: String = texts
        .iter()
        .map(|text| format!("data: {}\n\n", text.replace('\n', "\ndata: ")))
        .collect();
    assert!(
        without_comments(answer.text()) == expected,
        "{} bytes",
        answer.text().len()
    );
    assert_eq!((answer.ending(), answer.failed()), (Ending::Clean, false));
}

#[test]
fn an_error_or_a_panic_in_mid_stream_is_told_in_trailers() {
    let (lambda, _function) = writing();
    for (last, header_type) in [
        (json!({"fail": "boom"}), "Function.Error"),
        (json!({"panic": "boom"}), "Function.Panic"),
        (
            json!({"spawn": [{"milliseconds": 5}, {"panic": "boom"}]}),
            "Function.Panic",
        ),
    ] {
        let answer = lambda.invoke(events(
            json!([{"keep_alive": 1}, {"data": "a"}, {"milliseconds": 5}, last]),
        ));
        assert_eq!((answer.kind(), answer.ending()), (Kind::Response, Ending::Clean));
        assert_eq!(without_comments(answer.text()), "data: a\n\n");
        let error = answer.error();
        assert_eq!(
            (error.header_type.as_str(), error.message.as_str()),
            (header_type, "boom")
        );

        let answer = lambda.invoke(lines(json!([{"value": "a"}, last])));
        assert_eq!((answer.kind(), answer.text()), (Kind::Response, "\"a\"\n"));
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
        assert_eq!((answer.kind(), answer.error().message.as_str()), (Kind::Error, "boom"));
    }
}

#[test]
fn a_writer_that_is_dropped_ends_its_response_cleanly() {
    let (lambda, _function) = writing();
    let kept_alive = [
        json!({"keep_alive": 1}),
        json!({"data": "a"}),
        json!({"milliseconds": 5}),
    ];
    for last in [
        json!("drop"),
        json!("finish"),
        json!({"milliseconds": 0}),
        json!({"spawn": [{"milliseconds": 5}]}),
        json!({"spawn": ["finish", {"fail": "unseen"}]}),
    ] {
        let steps: Vec<_> = kept_alive.iter().cloned().chain([last]).collect();
        let answer = lambda.invoke(events(json!(steps)));
        assert_eq!(without_comments(answer.text()), "data: a\n\n");
        assert_eq!(
            (answer.kind(), answer.ending(), answer.failed()),
            (Kind::Response, Ending::Clean, false)
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
    let http = json!({"http": [201, [["access-control-allow-origin", "*"], ["cache-control", "no-store"]]]});
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
    assert_eq!(answer.kind(), Kind::Error);
    assert!(
        answer.error().message.contains("has a line end at byte 1"),
        "{:?}",
        answer.error()
    );
    let answer = lambda.invoke(events(json!([{"data": "a"}, injected])));
    assert_eq!((answer.kind(), answer.text()), (Kind::Response, "data: a\n\n"));
    assert_eq!(answer.error().header_type, "Function.StreamError");

    let answer = lambda.invoke(lines(json!(["not_json"])));
    assert_eq!(answer.kind(), Kind::Error);
    assert!(
        answer
            .error()
            .message
            .ends_with("the value is no JSON: key must be a string")
    );
    let answer = lambda.invoke(lines(json!([{"value": 1}, "not_json"])));
    assert_eq!(
        (answer.kind(), answer.text(), answer.failed()),
        (Kind::Response, "1\n", true)
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
            assert_eq!((answer.kind(), answer.text()), (Kind::Response, "data: a\n\n"));
            let error = answer.error();
            assert_eq!(error.header_type, header_type);
            assert!(error.message.contains(message), "{error:?}");
            let answer = lambda.invoke(Event::json(json!({form: [last]}).to_string()));
            assert_eq!(
                (answer.kind(), answer.error().header_type.as_str()),
                (Kind::Error, header_type)
            );
        }
    }
}

#[test]
fn a_quiet_returned_stream_is_kept_alive() {
    let (lambda, mut function) = start_with_input(env!("CARGO_BIN_EXE_formatted_items"));
    let order = json!({"events_kept_alive": [{"data": "a"}, "await_input"]});
    let pending = lambda.queue(Event::json(order.to_string()));
    pending.wait_for_body(|body| comments(body) >= 3);
    function.feed_stdin("b");
    let answer = pending.wait();
    assert_eq!(without_comments(answer.text()), "data: a\n\ndata: b\n\n");
    assert_eq!((answer.ending(), answer.failed()), (Ending::Clean, false));
}
