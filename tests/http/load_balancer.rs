//! Answers to a load balancer, which takes no stream: one whole document, or an error.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Response, ResponseKind, example};

use crate::start;

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");

fn script(method: &str, lists: bool, script: Value) -> Event {
    Event::alb(method, "/", lists).body(script.to_string()).event()
}

fn document(answer: &Response) -> Value {
    assert_eq!(
        (answer.kind(), answer.body_end()),
        (ResponseKind::Response, BodyEnd::ContentLength),
        "{answer:?}"
    );
    assert_eq!(answer.header("Lambda-Runtime-Function-Response-Mode"), None);
    assert_eq!(answer.content_type(), Some("application/json"));
    answer.json()
}

#[test]
fn a_response_is_one_document() {
    let (lambda, _function) = start(BODIES);
    let headers = json!([["vary", "a"], ["vary", "b"], ["content-length", "6"]]);
    let steps = json!({"status": 201, "headers": headers, "frames": ["one", "two"]});
    assert_eq!(
        document(&lambda.invoke(script("POST", false, steps.clone()))),
        json!({
            "statusCode": 201, "statusDescription": "201 Created", "headers": {"vary": "a, b"},
            "body": "onetwo", "isBase64Encoded": false,
        })
    );
    assert_eq!(
        document(&lambda.invoke(script("POST", true, steps))),
        json!({
            "statusCode": 201, "statusDescription": "201 Created", "multiValueHeaders": {"vary": ["a", "b"]},
            "body": "onetwo", "isBase64Encoded": false,
        })
    );
}

#[test]
fn a_stream_and_json_are_one_document_too() {
    let (lambda, _function) = start(example("mixed"));
    let lines = document(&lambda.invoke(Event::alb("GET", "/lines", false)));
    assert_eq!(
        (&lines["statusCode"], &lines["body"]),
        (&json!(200), &json!("one\ntwo\nthree\n"))
    );
    assert_eq!(lines["headers"]["content-type"], "application/octet-stream");
    let health = document(&lambda.invoke(Event::alb("GET", "/health", false)));
    assert_eq!(health["headers"]["content-type"], "application/json");
    assert!(
        health["body"].as_str().unwrap().contains(r#""healthy":true"#),
        "{health}"
    );
}

#[test]
fn the_body_of_an_answer_that_has_none_is_not_asked_for() {
    let (lambda, _function) = start(BODIES);
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let answer = lambda.invoke(script(method, false, json!({"status": status, "then": "panic"})));
        assert!(!answer.failed(), "{method} {status}: {:?}", answer.error());
        let document = document(&answer);
        assert_eq!(
            (&document["statusCode"], &document["body"]),
            (&json!(status), &json!(""))
        );
    }
}

#[test]
fn more_than_a_mebibyte_is_an_error() {
    let (lambda, _function) = start(BODIES);
    let frames: Vec<String> = (0..20).map(|_| "x".repeat(64 * 1024)).collect();
    let answer = lambda.invoke(script("POST", false, json!({ "frames": frames })));
    assert_eq!(answer.kind(), ResponseKind::Error);
    assert!(
        answer.error().message.contains("no answer of more than 1048576 bytes"),
        "{:?}",
        answer.error()
    );
    // Ten are 640 KiB.
    let answer = lambda.invoke(script("POST", false, json!({ "frames": frames[..10] })));
    assert_eq!(document(&answer)["body"].as_str().unwrap().len(), 10 * 64 * 1024);
}

#[test]
fn what_fails_half_way_is_an_error_and_no_document() {
    let (lambda, _function) = start(BODIES);
    for (then, error_type) in [("fail", "Function.OutOfFrames"), ("panic", "Function.Panic")] {
        let answer = lambda.invoke(script("POST", false, json!({"frames": ["one"], "then": then})));
        assert_eq!(
            (answer.kind(), answer.error().header_type.as_str()),
            (ResponseKind::Error, error_type)
        );
    }
    let cookies = json!([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    let answer = lambda.invoke(script("POST", false, json!({"headers": cookies})));
    assert!(
        answer.error().message.contains("multi-value headers"),
        "{:?}",
        answer.error()
    );
    let answer = lambda.invoke(script("POST", true, json!({"headers": cookies})));
    assert_eq!(
        document(&answer)["multiValueHeaders"]["set-cookie"],
        json!(["a=1", "b=2"])
    );
}
