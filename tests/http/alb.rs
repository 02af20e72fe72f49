//! Responses to an ALB. ALBs do not support streaming, so a response is one JSON document or an error.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Response, ResponseKind, example, start};

const BODIES: &str = env!("CARGO_BIN_EXE_http_bodies");
const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

fn script(method: &str, multi_value: bool, script: Value) -> Event {
    Event::alb(method, "/", multi_value).body(script.to_string()).event()
}

/// Asserts that the response is a buffered JSON document, and returns the document.
pub(crate) fn document(response: &Response) -> Value {
    assert_eq!(
        (response.kind(), response.body_end()),
        (ResponseKind::Response, BodyEnd::ContentLength),
        "{response:?}"
    );
    assert_eq!(response.header("Lambda-Runtime-Function-Response-Mode"), None);
    assert_eq!(response.content_type(), Some("application/json"));
    response.json()
}

#[test]
fn http_response_is_one_document() {
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
fn stream_and_json_are_one_document() {
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
fn bodiless_response_does_not_poll_body() {
    let (lambda, _function) = start(BODIES);
    for (method, status) in [("HEAD", 200), ("GET", 204), ("POST", 205), ("GET", 304)] {
        let response = lambda.invoke(script(method, false, json!({"status": status, "then": "panic"})));
        assert!(!response.failed(), "{method} {status}: {:?}", response.error());
        let document = document(&response);
        assert_eq!(
            (&document["statusCode"], &document["body"]),
            (&json!(status), &json!(""))
        );
    }
}

#[test]
fn response_over_one_mebibyte_posts_error() {
    let (lambda, _function) = start(BODIES);
    let frames: Vec<String> = (0..20).map(|_| "x".repeat(64 * 1024)).collect();
    let response = lambda.invoke(script("POST", false, json!({ "frames": frames })));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert!(
        response.error().message.contains("the response exceeds 1048576 bytes"),
        "{:?}",
        response.error()
    );
    // Ten frames have 640 KiB.
    let response = lambda.invoke(script("POST", false, json!({ "frames": frames[..10] })));
    assert_eq!(document(&response)["body"].as_str().unwrap().len(), 10 * 64 * 1024);
}

#[test]
fn failing_body_or_several_cookies_post_error() {
    let (lambda, _function) = start(BODIES);
    for (then, error_type) in [("fail", "Function.OutOfFrames"), ("panic", "Function.Panic")] {
        let response = lambda.invoke(script("POST", false, json!({"frames": ["one"], "then": then})));
        assert_eq!(
            (response.kind(), response.error().header_type.as_str()),
            (ResponseKind::Error, error_type)
        );
    }
    let cookies = json!([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    let response = lambda.invoke(script("POST", false, json!({"headers": cookies})));
    assert!(
        response.error().message.contains("multi-value headers"),
        "{:?}",
        response.error()
    );
    let response = lambda.invoke(script("POST", true, json!({"headers": cookies})));
    assert_eq!(
        document(&response)["multiValueHeaders"]["set-cookie"],
        json!(["a=1", "b=2"])
    );
}

#[test]
fn handler_that_streams_posts_error() {
    let (lambda, _function) = start(SCRIPTED);
    let prelude = json!({"prelude": {"status": 200}});
    let cases = [
        json!([{"write": "text"}]),
        json!([{"send": "text"}]),
        json!([{"content_type": "text/plain"}, {"write": "text"}]),
        json!([{"copy": "text"}]),
        json!(["flush"]),
        json!(["finish"]),
        json!([]),
        json!([{"spawn": [{"write": "text"}]}]),
        json!([prelude, {"write": "text"}]),
        json!([{"content_type": "application/json"}, prelude]),
    ];
    for steps in cases {
        for multi_value in [false, true] {
            let response = lambda.invoke(script("POST", multi_value, json!({ "steps": steps })));
            assert_eq!(response.kind(), ResponseKind::Error, "{steps}: {response:?}");
            let message = response.error().message;
            assert!(
                message.contains("an Application Load Balancer does not support streaming"),
                "{steps}: {message}"
            );
        }
    }
}

#[test]
fn json_that_the_handler_writes_is_sent_unchanged() {
    let (lambda, _function) = start(SCRIPTED);
    let document =
        r#"{"statusCode":200,"statusDescription":"200 OK","headers":{},"body":"hi","isBase64Encoded":false}"#;
    let steps = json!({"steps": [{"content_type": "application/json"}, {"write": document}]});
    let response = lambda.invoke(script("POST", false, steps));
    assert_eq!(
        (response.kind(), response.content_type(), response.text()),
        (ResponseKind::Response, Some("application/json"), document)
    );
}
