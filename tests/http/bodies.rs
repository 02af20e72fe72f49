//! Bodies of `http::Response`: when each part is sent, and how the response ends.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, ResponseKind, start};

use crate::gate::Gate;

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");

fn script(method: &str, script: Value) -> Event {
    Event::function_url(method, "/").body(script.to_string()).event()
}

fn post(steps: Value) -> Event {
    script("POST", steps)
}

/// Returns the chunks of the body, without the two chunks of the prelude.
fn frames(response: &Response) -> Vec<String> {
    let chunks = response.chunks().into_iter().skip(2);
    chunks.map(|chunk| String::from_utf8(chunk.bytes).unwrap()).collect()
}

#[test]
fn prelude_is_sent_before_the_body_is_ready() {
    let (lambda, _function) = start(BODIES);
    let mut gate = Gate::new();
    let pending = lambda.queue(post(json!({
        "status": 201, "headers": [["x-a", "b"]], "gate": gate.address(), "frames": ["late"],
    })));
    let prelude = pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    assert!(prelude.starts_with(br#"{"statusCode":201,"headers":{"x-a":"b"},"cookies":[]}"#));
    gate.pass();
    gate.pass();
    let response = pending.wait();
    assert_eq!(
        (response.prelude().1, response.body_end()),
        (&b"late"[..], BodyEnd::LastChunk)
    );
    assert!(!response.failed());
}

#[test]
fn each_frame_is_sent_when_it_is_ready() {
    let (lambda, _function) = start(BODIES);
    let mut gate = Gate::new();
    let pending = lambda.queue(post(json!({"gate": gate.address(), "frames": ["one", "two", "three"]})));
    for frame in ["one", "two", "three"] {
        gate.pass();
        pending.wait_for_body(|body| body.ends_with(frame.as_bytes()));
    }
    gate.pass();
    assert_eq!(frames(&pending.wait()), ["one", "two", "three"]);
}

#[test]
fn body_error_is_sent_as_trailers() {
    let (lambda, _function) = start(BODIES);
    let response = lambda.invoke(post(json!({"frames": ["one", "two"], "then": "fail"})));
    assert_eq!(
        (response.kind(), response.prelude().1),
        (ResponseKind::Response, &b"onetwo"[..])
    );
    let error = response.error();
    assert_eq!(
        (error.header_type.as_str(), error.error_type.as_str()),
        ("Function.OutOfFrames", "Function.OutOfFrames")
    );
    assert_eq!(error.message, "there are no more frames");

    // The prelude is sent before the body is polled, so an error of the first frame is a mid-stream error too.
    let response = lambda.invoke(post(json!({"then": "fail"})));
    assert_eq!(
        (response.kind(), response.prelude().1),
        (ResponseKind::Response, &b""[..])
    );
    assert_eq!(response.error().header_type, "Function.OutOfFrames");
    lambda.wait_for_next();
}

#[test]
fn body_panic_is_sent_as_trailers() {
    let (lambda, _function) = start(BODIES);
    let response = lambda.invoke(post(json!({"frames": ["one"], "then": "panic"})));
    assert_eq!(
        (response.kind(), response.prelude().1),
        (ResponseKind::Response, &b"one"[..])
    );
    let error = response.error();
    assert_eq!(
        (error.header_type.as_str(), error.message.as_str()),
        ("Function.Panic", "no frame was left")
    );
    assert_eq!(
        lambda.invoke(post(json!({"frames": ["still here"]}))).prelude().1,
        b"still here"
    );
}

#[test]
fn error_instead_of_response_posts_error() {
    let (lambda, _function) = start(BODIES);
    let response = lambda.invoke(post(json!({"error": "not today"})));
    let error = response.error();
    assert_eq!(
        (response.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.Refused")
    );
    assert_eq!(error.message, "not today");
}

#[test]
fn body_trailers_are_dropped_and_logged_at_debug() {
    let with_trailers = || post(json!({"frames": ["one"], "then": "trailers"}));
    let log_at = |level: Option<&str>| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(BODIES);
        if let Some(level) = level {
            command.env("AWS_LAMBDA_LOG_LEVEL", level);
        }
        let function = Process::spawn_function_with(command, &lambda);
        let response = lambda.invoke(with_trailers());
        assert_eq!(
            (response.prelude().1, response.body_end()),
            (&b"one"[..], BodyEnd::LastChunk)
        );
        assert_eq!(response.trailers(), []);
        lambda.wait_for_next();
        // `kill` waits for the end of the output, so the log of the invocation is complete.
        function.kill();
        function.stderr()
    };
    for level in [None, Some("INFO")] {
        let log = log_at(level);
        assert!(!log.contains("dropped the trailers"), "{log}");
    }
    for level in ["DEBUG", "trace"] {
        let log = log_at(Some(level));
        assert!(log.contains("dropped the trailers of the response body"), "{log}");
    }
}

#[test]
fn framing_headers_are_removed() {
    let (lambda, _function) = start(BODIES);
    let framing = json!([
        ["content-length", "6"],
        ["Transfer-Encoding", "identity"],
        ["connection", "close"]
    ]);
    let response = lambda.invoke(post(json!({"headers": framing, "frames": ["one", "two"]})));
    let (prelude, body) = response.prelude();
    assert_eq!((&prelude["headers"], body), (&json!({}), &b"onetwo"[..]));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
}

#[test]
fn bodiless_response_does_not_poll_body() {
    let (lambda, _function) = start(BODIES);
    let cases = [("HEAD", 200), ("HEAD", 404), ("GET", 204), ("POST", 205), ("GET", 304)];
    for (method, status) in cases {
        let steps = json!({"status": status, "headers": [["x-a", "b"]], "then": "panic"});
        let response = lambda.invoke(script(method, steps));
        assert!(!response.failed(), "{method} {status}: {:?}", response.error());
        let (prelude, body) = response.prelude();
        assert_eq!(
            (&prelude["statusCode"], &prelude["headers"]["x-a"]),
            (&json!(status), &json!("b"))
        );
        assert_eq!((body, response.body_end()), (&b""[..], BodyEnd::LastChunk));
    }
    let response = lambda.invoke(script("GET", json!({"then": "panic"})));
    assert!(response.failed(), "the body did not panic when it was polled");
}

#[test]
fn head_request_polls_stream_for_first_item_only() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let event = |method: &str| {
        let context = json!({"http": {"method": method}});
        let event = json!({"version": "2.0", "requestContext": context, "items": ["one"], "then": "panic"});
        Event::json(event.to_string())
    };
    let response = lambda.invoke(event("HEAD"));
    assert!(!response.failed(), "{:?}", response.error());
    assert_eq!(
        (response.prelude().1, response.body_end()),
        (&b""[..], BodyEnd::LastChunk)
    );
    assert_eq!(lambda.invoke(event("GET")).error().header_type, "Function.Panic");
}

#[test]
fn invalid_head_posts_error_with_reason() {
    let (lambda, _function) = start(BODIES);
    let large = json!([["x-large", "x".repeat(9_000)], ["x-larger", "x".repeat(9_000)]]);
    let cases = [
        (
            json!({"header_byte": 0xff}),
            "invalid value of header \"x-byte\": must be UTF-8",
        ),
        (json!({ "headers": large }), "limit is 16384"),
        (json!({"status": 700}), "invalid status code 700"),
        (
            json!({"status": 100}),
            "invalid status code 100: must be from 200 to 599",
        ),
        (
            json!({"status": 101}),
            "invalid status code 101: must be from 200 to 599",
        ),
        (
            json!({"status": 199}),
            "invalid status code 199: must be from 200 to 599",
        ),
    ];
    for (steps, reason) in cases {
        let response = lambda.invoke(post(steps));
        assert_eq!(response.kind(), ResponseKind::Error);
        assert!(response.error().message.contains(reason), "{:?}", response.error());
    }
    assert_eq!(lambda.invoke(post(json!({"frames": ["next"]}))).prelude().1, b"next");
}

#[test]
fn repeated_headers_follow_payload_format() {
    let (lambda, _function) = start(BODIES);
    let headers = json!([
        ["vary", "a"],
        ["set-cookie", "b=1"],
        ["vary", "c, d"],
        ["set-cookie", "e=2; Path=/"]
    ]);
    let steps = json!({ "headers": headers }).to_string();
    let response = lambda.invoke(Event::function_url("POST", "/").body(&steps));
    let cookies = json!(["b=1", "e=2; Path=/"]);
    assert_eq!(
        response.prelude().0,
        json!({"statusCode": 200, "headers": {"vary": "a, c, d"}, "cookies": cookies})
    );
    let response = lambda.invoke(Event::rest_api("POST", "/").body(&steps));
    assert_eq!(
        response.prelude().0,
        json!({"statusCode": 200, "headers": {}, "multiValueHeaders": {"vary": ["a", "c, d"]}, "cookies": cookies})
    );
}
