//! Responses to HTTP events: the bytes of the prelude, its chunks, and the encoding of headers.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Read, Response, ResponseKind, script};

use crate::start_scripted;

const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";

fn body(steps: Value) -> String {
    json!({ "steps": steps }).to_string()
}

fn function_url(steps: Value) -> Event {
    Event::function_url("POST", "/").body(body(steps)).event()
}

fn rest_api(steps: Value) -> Event {
    Event::rest_api("POST", "/").body(body(steps)).event()
}

/// Returns the first two chunks: the JSON of the prelude and the delimiter.
fn prelude_chunks(response: &Response) -> (String, Vec<u8>) {
    let chunks = response.chunks();
    (
        String::from_utf8(chunks[0].bytes.clone()).unwrap(),
        chunks[1].bytes.clone(),
    )
}

#[test]
fn http_event_gets_default_prelude() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(function_url(json!([{"write": "hi"}])));
    assert_eq!(response.content_type(), Some(INTEGRATION_RESPONSE));
    let (json, delimiter) = prelude_chunks(&response);
    assert_eq!(
        json,
        r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[]}"#
    );
    assert_eq!(delimiter, [0; 8]);
    assert_eq!(response.chunks()[2].bytes, b"hi");
    assert_eq!(response.body_end(), BodyEnd::LastChunk);

    let response = lambda.invoke(function_url(json!([{"content_type": "text/html"}])));
    assert_eq!(
        response.prelude(),
        (
            json!({"statusCode": 200, "headers": {"content-type": "text/html"}, "cookies": []}),
            &b""[..]
        )
    );
}

#[test]
fn prelude_is_two_chunks_in_one_write() {
    let (lambda, _function) = start_scripted();
    // A single read can contain two writes by chance. Ten reads in a row do not.
    for _ in 0..10 {
        let steps = json!([{"prelude": {"status": 200}}, {"sleep_ms": 1}, {"write": "hi"}]);
        let response = lambda.invoke(function_url(steps));
        let both_chunks = b"\"cookies\":[]}\r\n8\r\n\0\0\0\0\0\0\0\0\r\n";
        let has_both_chunks = |read: &Read| read.bytes.windows(both_chunks.len()).any(|bytes| bytes == both_chunks);
        assert!(response.reads().iter().any(has_both_chunks), "{response:?}");
    }
}

#[test]
fn other_events_get_no_prelude() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "hi"}])));
    assert_eq!(
        (response.content_type(), response.text()),
        (Some("application/octet-stream"), "hi")
    );
    let response = lambda.invoke(script(json!([{"content_type": "text/csv"}, {"write": "hi"}])));
    assert_eq!((response.content_type(), response.text()), (Some("text/csv"), "hi"));
    // `http::alb` tests the other responses to an ALB.
    let steps = json!([{"content_type": "application/json"}, {"write": "{}"}]);
    let alb = json!({"httpMethod": "GET", "requestContext": {"elb": {}}, "body": body(steps)});
    let response = lambda.invoke(Event::json(alb.to_string()));
    assert_eq!(
        (response.content_type(), response.text()),
        (Some("application/json"), "{}")
    );
}

#[test]
fn headers_are_encoded_for_payload_format() {
    let steps = json!([
        {"prelude": {
            "status": 201,
            "headers": [["X-A", "1"], ["x-a", "2"], ["X-B", "ü"], ["Content-Length", "5"], ["Transfer-Encoding", "gzip"],
                ["Connection", "close"], ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]],
            "cookies": ["b=2"],
        }},
        {"write": "hi"},
    ]);
    let cookies = json!(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(function_url(steps.clone()));
    let expected = json!({"statusCode": 201, "headers": {"x-a": "1, 2", "x-b": "ü"}, "cookies": cookies});
    assert_eq!(response.prelude(), (expected, &b"hi"[..]));

    let response = lambda.invoke(rest_api(steps));
    let expected = json!({
        "statusCode": 201, "headers": {"x-b": "ü"}, "multiValueHeaders": {"x-a": ["1", "2"]}, "cookies": cookies
    });
    assert_eq!(response.prelude(), (expected, &b"hi"[..]));
}

#[test]
fn invalid_prelude_posts_error() {
    let (lambda, _function) = start_scripted();
    let cases = [
        (json!({"status": 600}), "invalid status code 600"),
        (
            json!({"status": 200, "headers": [["a b", "c"]]}),
            "invalid header name \"a b\"",
        ),
        (
            json!({"status": 200, "headers": [["a", "b\r\nc: d"]]}),
            "control character",
        ),
        (
            json!({"status": 200, "headers": [["a", "x".repeat(16 * 1024)]]}),
            "limit is 16384",
        ),
    ];
    for (prelude, reason) in cases {
        let response = lambda.invoke(function_url(json!([{"prelude": prelude}, {"write": "not sent"}])));
        assert_eq!(response.kind(), ResponseKind::Error);
        assert!(response.error().message.contains(reason), "{:?}", response.error());
        assert_eq!(response.error().error_type, "Function.StreamError");
    }
    assert!(!lambda.calls().contains(&"response".to_owned()));
}

#[test]
fn prelude_after_first_byte_is_error() {
    let (lambda, _function) = start_scripted();
    for step in [json!({"prelude": {"status": 200}}), json!({"content_type": "a/b"})] {
        let response = lambda.invoke(function_url(json!([{"write": "hi"}, step])));
        assert_eq!(response.prelude().1, b"hi");
        assert!(response.error().message.contains("already started"));
    }
}

#[test]
fn error_after_prelude_is_reported_in_trailers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(function_url(json!([{"prelude": {"status": 200}}, {"fail": "no luck"}])));
    assert_eq!(
        (response.kind(), response.prelude().1, response.error().message.as_str()),
        (ResponseKind::Response, &b""[..], "no luck")
    );
    let response = lambda.invoke(function_url(json!([{"fail": "no luck"}])));
    assert_eq!(response.kind(), ResponseKind::Error);
}
