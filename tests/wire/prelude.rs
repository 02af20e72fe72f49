//! Answers to HTTP events: the prelude's bytes, its chunks, and how headers are folded.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, Read, Response, ResponseKind};

use crate::{script, scripted};

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

/// The first two chunks, byte by byte.
fn leading_chunks(answer: &Response) -> (String, Vec<u8>) {
    let chunks = answer.chunks();
    (
        String::from_utf8(chunks[0].bytes.clone()).unwrap(),
        chunks[1].bytes.clone(),
    )
}

#[test]
fn an_http_event_is_answered_with_a_prelude_that_nobody_set() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(function_url(json!([{"write": "hi"}])));
    assert_eq!(answer.content_type(), Some(INTEGRATION_RESPONSE));
    let (json, delimiter) = leading_chunks(&answer);
    assert_eq!(
        json,
        r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[]}"#
    );
    assert_eq!(delimiter, [0; 8]);
    assert_eq!(answer.chunks()[2].bytes, b"hi");
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);

    let answer = lambda.invoke(function_url(json!([{"content_type": "text/html"}])));
    assert_eq!(
        answer.prelude(),
        (
            json!({"statusCode": 200, "headers": {"content-type": "text/html"}, "cookies": []}),
            &b""[..]
        )
    );
}

#[test]
fn json_and_nuls_are_two_chunks_in_one_write() {
    let (lambda, _function) = scripted();
    // Two writes can come in one read by chance, but not ten times over.
    for _ in 0..10 {
        let steps = json!([{"prelude": {"status": 200}}, {"sleep_ms": 1}, {"write": "hi"}]);
        let answer = lambda.invoke(function_url(steps));
        let together = b"\"cookies\":[]}\r\n8\r\n\0\0\0\0\0\0\0\0\r\n";
        let holds_both = |read: &Read| read.bytes.windows(together.len()).any(|bytes| bytes == together);
        assert!(answer.reads().iter().any(holds_both), "{answer:?}");
    }
}

#[test]
fn every_other_event_gets_raw_bytes() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "hi"}])));
    assert_eq!(
        (answer.content_type(), answer.text()),
        (Some("application/octet-stream"), "hi")
    );
    let answer = lambda.invoke(script(json!([{"content_type": "text/csv"}, {"write": "hi"}])));
    assert_eq!((answer.content_type(), answer.text()), (Some("text/csv"), "hi"));
    let balancer = json!({"httpMethod": "GET", "requestContext": {"elb": {}}, "body": body(json!([{"write": "hi"}]))});
    let answer = lambda.invoke(Event::json(balancer.to_string()));
    assert_eq!(
        (answer.content_type(), answer.text()),
        (Some("application/octet-stream"), "hi")
    );
}

#[test]
fn headers_are_folded_by_the_events_format() {
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
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(function_url(steps.clone()));
    let expected = json!({"statusCode": 201, "headers": {"x-a": "1, 2", "x-b": "ü"}, "cookies": cookies});
    assert_eq!(answer.prelude(), (expected, &b"hi"[..]));

    let answer = lambda.invoke(rest_api(steps));
    let expected = json!({
        "statusCode": 201, "headers": {"x-b": "ü"}, "multiValueHeaders": {"x-a": ["1", "2"]}, "cookies": cookies
    });
    assert_eq!(answer.prelude(), (expected, &b"hi"[..]));
}

#[test]
fn what_cannot_be_sent_is_an_error_before_a_byte_is() {
    let (lambda, _function) = scripted();
    let faults = [
        (json!({"status": 600}), "600 is no status code"),
        (
            json!({"status": 200, "headers": [["a b", "c"]]}),
            "\"a b\" is no name for a header",
        ),
        (
            json!({"status": 200, "headers": [["a", "b\r\nc: d"]]}),
            "control character",
        ),
        (
            json!({"status": 200, "headers": [["a", "x".repeat(16 * 1024)]]}),
            "no more than 16384",
        ),
    ];
    for (prelude, says) in faults {
        let answer = lambda.invoke(function_url(json!([{"prelude": prelude}, {"write": "never"}])));
        assert_eq!(answer.kind(), ResponseKind::Error);
        assert!(answer.error().message.contains(says), "{:?}", answer.error());
        assert_eq!(answer.error().error_type, "Function.StreamError");
    }
    assert!(!lambda.calls().contains(&"response".to_owned()));
}

#[test]
fn a_prelude_comes_before_the_first_byte_or_not_at_all() {
    let (lambda, _function) = scripted();
    for late in [json!({"prelude": {"status": 200}}), json!({"content_type": "a/b"})] {
        let answer = lambda.invoke(function_url(json!([{"write": "hi"}, late])));
        assert_eq!(answer.prelude().1, b"hi");
        assert!(answer.error().message.contains("already started"));
    }
}

#[test]
fn a_failure_after_the_prelude_is_told_in_trailers() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(function_url(json!([{"prelude": {"status": 200}}, {"fail": "no luck"}])));
    assert_eq!(
        (answer.kind(), answer.prelude().1, answer.error().message.as_str()),
        (ResponseKind::Response, &b""[..], "no luck")
    );
    let answer = lambda.invoke(function_url(json!([{"fail": "no luck"}])));
    assert_eq!(answer.kind(), ResponseKind::Error);
}
