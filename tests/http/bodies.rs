//! Responses with bodies of their own: when what of them is sent, and how they end.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, Response, ResponseKind};

use crate::gate::Gate;
use crate::start;

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");

fn script(method: &str, script: Value) -> Event {
    Event::function_url(method, "/").body(script.to_string()).event()
}

fn post(steps: Value) -> Event {
    script("POST", steps)
}

/// The chunks of the body, behind the two of the prelude.
fn frames(answer: &Response) -> Vec<String> {
    let chunks = answer.chunks().into_iter().skip(2);
    chunks.map(|chunk| String::from_utf8(chunk.bytes).unwrap()).collect()
}

#[test]
fn the_prelude_is_there_before_the_body_has_anything() {
    let (lambda, _function) = start(BODIES);
    let mut gate = Gate::new();
    let pending = lambda.queue(post(json!({
        "status": 201, "headers": [["x-a", "b"]], "gate": gate.address(), "frames": ["late"],
    })));
    let begun = pending.wait_for_body(|body| body.ends_with(&[0; 8]));
    assert!(begun.starts_with(br#"{"statusCode":201,"headers":{"x-a":"b"},"cookies":[]}"#));
    gate.pass();
    gate.pass();
    let answer = pending.wait();
    assert_eq!(
        (answer.prelude().1, answer.body_end()),
        (&b"late"[..], BodyEnd::LastChunk)
    );
    assert!(!answer.failed());
}

#[test]
fn each_frame_leaves_when_it_is_there() {
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
fn an_error_of_the_body_is_told_in_trailers() {
    let (lambda, _function) = start(BODIES);
    let answer = lambda.invoke(post(json!({"frames": ["one", "two"], "then": "fail"})));
    assert_eq!(
        (answer.kind(), answer.prelude().1),
        (ResponseKind::Response, &b"onetwo"[..])
    );
    let error = answer.error();
    assert_eq!(
        (error.header_type.as_str(), error.error_type.as_str()),
        ("Function.OutOfFrames", "Function.OutOfFrames")
    );
    assert_eq!(error.message, "there are no more frames");

    // Status and headers are out, so that the first thing that the body does is mid-stream too.
    let answer = lambda.invoke(post(json!({"then": "fail"})));
    assert_eq!((answer.kind(), answer.prelude().1), (ResponseKind::Response, &b""[..]));
    assert_eq!(answer.error().header_type, "Function.OutOfFrames");
    lambda.wait_for_next();
}

#[test]
fn a_panic_of_the_body_is_told_in_trailers() {
    let (lambda, _function) = start(BODIES);
    let answer = lambda.invoke(post(json!({"frames": ["one"], "then": "panic"})));
    assert_eq!(
        (answer.kind(), answer.prelude().1),
        (ResponseKind::Response, &b"one"[..])
    );
    let error = answer.error();
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
fn an_error_in_place_of_a_response_is_no_response() {
    let (lambda, _function) = start(BODIES);
    let answer = lambda.invoke(post(json!({"error": "not today"})));
    let error = answer.error();
    assert_eq!(
        (answer.kind(), error.header_type.as_str()),
        (ResponseKind::Error, "Function.Refused")
    );
    assert_eq!(error.message, "not today");
}

#[test]
fn trailers_of_the_body_are_dropped_and_said_to_those_who_ask() {
    let with_trailers = || post(json!({"frames": ["one"], "then": "trailers"}));
    let said = |level: Option<&str>| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(BODIES);
        if let Some(level) = level {
            command.env("AWS_LAMBDA_LOG_LEVEL", level);
        }
        let function = Process::spawn_function_with(command, &lambda);
        let answer = lambda.invoke(with_trailers());
        assert_eq!(
            (answer.prelude().1, answer.body_end()),
            (&b"one"[..], BodyEnd::LastChunk)
        );
        assert_eq!(answer.trailers(), []);
        lambda.wait_for_next();
        // What it said before it asked for the next event is whole when its outputs have ended.
        function.kill();
        function.stderr()
    };
    assert_eq!(said(None), "");
    assert_eq!(said(Some("INFO")), "");
    for level in ["DEBUG", "trace"] {
        let said = said(Some(level));
        assert!(
            said.contains("the trailers of a response's body were dropped"),
            "{said}"
        );
    }
}

#[test]
fn a_length_is_left_out_and_the_body_is_whole() {
    let (lambda, _function) = start(BODIES);
    let lengths = json!([
        ["content-length", "6"],
        ["Transfer-Encoding", "identity"],
        ["connection", "close"]
    ]);
    let answer = lambda.invoke(post(json!({"headers": lengths, "frames": ["one", "two"]})));
    let (prelude, body) = answer.prelude();
    assert_eq!((&prelude["headers"], body), (&json!({}), &b"onetwo"[..]));
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
}

#[test]
fn the_body_of_an_answer_that_has_none_is_not_asked_for() {
    let (lambda, _function) = start(BODIES);
    let cases = [("HEAD", 200), ("HEAD", 404), ("GET", 204), ("GET", 304)];
    for (method, status) in cases {
        let steps = json!({"status": status, "headers": [["x-a", "b"]], "then": "panic"});
        let answer = lambda.invoke(script(method, steps));
        assert!(!answer.failed(), "{method} {status}: {:?}", answer.error());
        let (prelude, body) = answer.prelude();
        assert_eq!(
            (&prelude["statusCode"], &prelude["headers"]["x-a"]),
            (&json!(status), &json!("b"))
        );
        assert_eq!((body, answer.body_end()), (&b""[..], BodyEnd::LastChunk));
    }
    let answer = lambda.invoke(script("GET", json!({"then": "panic"})));
    assert!(answer.failed(), "the body of this one would panic");
}

#[test]
fn the_items_of_a_stream_are_asked_for_until_it_shows_that_the_answer_has_no_body() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let event = |method: &str| {
        let context = json!({"http": {"method": method}});
        let event = json!({"version": "2.0", "requestContext": context, "items": ["one"], "then": "panic"});
        Event::json(event.to_string())
    };
    let answer = lambda.invoke(event("HEAD"));
    assert!(!answer.failed(), "{:?}", answer.error());
    assert_eq!((answer.prelude().1, answer.body_end()), (&b""[..], BodyEnd::LastChunk));
    assert_eq!(lambda.invoke(event("GET")).error().header_type, "Function.Panic");
}

#[test]
fn headers_that_cannot_be_sent_are_an_error_that_says_why() {
    let (lambda, _function) = start(BODIES);
    let large = json!([["x-large", "x".repeat(9_000)], ["x-larger", "x".repeat(9_000)]]);
    let faults = [
        (
            json!({"header_byte": 0xff}),
            "the value of the header \"x-byte\" is not UTF-8",
        ),
        (json!({ "headers": large }), "no more than 16384"),
        (json!({"status": 700}), "700 is no status code"),
    ];
    for (steps, says) in faults {
        let answer = lambda.invoke(post(steps));
        assert_eq!(answer.kind(), ResponseKind::Error);
        assert!(answer.error().message.contains(says), "{:?}", answer.error());
    }
    assert_eq!(lambda.invoke(post(json!({"frames": ["next"]}))).prelude().1, b"next");
}

#[test]
fn headers_that_come_twice_go_out_as_the_format_has_them() {
    let (lambda, _function) = start(BODIES);
    let headers = json!([
        ["vary", "a"],
        ["set-cookie", "b=1"],
        ["vary", "c, d"],
        ["set-cookie", "e=2; Path=/"]
    ]);
    let steps = json!({ "headers": headers }).to_string();
    let answer = lambda.invoke(Event::function_url("POST", "/").body(&steps));
    let cookies = json!(["b=1", "e=2; Path=/"]);
    assert_eq!(
        answer.prelude().0,
        json!({"statusCode": 200, "headers": {"vary": "a, c, d"}, "cookies": cookies})
    );
    let answer = lambda.invoke(Event::rest_api("POST", "/").body(&steps));
    assert_eq!(
        answer.prelude().0,
        json!({"statusCode": 200, "headers": {}, "multiValueHeaders": {"vary": ["a", "c, d"]}, "cookies": cookies})
    );
}
