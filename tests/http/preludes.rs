//! `HttpPrelude` made from types of the crate `http`, through a handler that takes a `Payload` and a `ResponseStream`.

use serde_json::json;
use test_support::{Event, ResponseKind, script, start};

const PRELUDES: &str = env!("CARGO_BIN_EXE_preludes");

#[test]
fn prelude_from_status_code_has_no_headers() {
    let (lambda, _function) = start(PRELUDES);
    let response = lambda.invoke(Event::function_url("POST", "/").body(r#"{"from":"status"}"#));
    assert_eq!(
        response.prelude(),
        (json!({"statusCode": 202, "headers": {}, "cookies": []}), &b"body"[..])
    );
}

#[test]
fn prelude_from_parts_has_status_headers_and_cookies() {
    let (lambda, _function) = start(PRELUDES);
    let response = lambda.invoke(Event::function_url("GET", "/?from=parts"));
    assert_eq!(
        response.prelude().0,
        json!({
            "statusCode": 201,
            "headers": {"content-type": "text/x-test", "vary": "a, b"},
            "cookies": ["c=1; Path=/", "d=2"],
        })
    );
    let response = lambda.invoke(Event::rest_api("GET", "/?from=parts"));
    assert_eq!(
        response.prelude().0,
        json!({
            "statusCode": 201,
            "headers": {"content-type": "text/x-test"},
            "multiValueHeaders": {"vary": ["a", "b"]},
            "cookies": ["c=1; Path=/", "d=2"],
        })
    );
    assert_eq!(response.prelude().1, b"body");
}

#[test]
fn interim_status_posts_error() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_scripted"));
    for status in [100, 101, 103, 199] {
        let steps = json!([{"prelude": {"status": status}}, {"write": "body"}]);
        let response = lambda.invoke(script(steps));
        assert_eq!(response.kind(), ResponseKind::Error, "{response:?}");
        assert_eq!(
            response.error().message,
            format!(
                "invalid status code {status}: must be from 200 to 599, because a 1xx status is an interim response"
            )
        );
    }
}

#[test]
fn status_205_discards_the_body() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_scripted"));
    let response = lambda.invoke(script(json!([{"prelude": {"status": 205}}, {"write": "body"}])));
    assert_eq!(
        response.prelude(),
        (json!({"statusCode": 205, "headers": {}, "cookies": []}), &b""[..])
    );
}
