//! `HttpPrelude` made from types of the crate `http`, through a handler that takes a `Payload` and a `ResponseStream`.

use serde_json::json;
use test_support::{Event, start};

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
