//! Text of requests in the event: paths, names and values that other programs interpret, and invalid UTF-8.

use serde_json::json;

use crate::echo_function::{EchoFunction, request_head};

#[test]
fn path_and_query_are_passed_unchanged() {
    let function = EchoFunction::start();
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2Fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/a/./b//c/../",
        "/%00%0d%0aX-Injected:%20a",
        "/\\..\\windows",
        "//evil.example/a",
        "/%ff%fe",
    ] {
        let event = function.invoke(request_head(&format!("GET {path}?q={path}"), &[]));
        assert_eq!(event["rawPath"], path);
        assert_eq!(event["requestContext"]["http"]["path"], path);
        assert_eq!(event["rawQueryString"], format!("q={path}"));
    }
}

#[test]
fn invalid_utf8_becomes_replacement_characters() {
    let function = EchoFunction::start();
    let mut request = b"GET /?a=%ff&%fe=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".to_vec();
    request.extend_from_slice(b"X-Bytes: a\xff\xfe\xf0\x9f\r\nCookie: c\xff; d\r\nUser-Agent: \xc3\x28\r\n\r\n");
    let event = function.invoke(request);
    assert_eq!(event["headers"]["x-bytes"], "a\u{fffd}\u{fffd}\u{fffd}");
    assert_eq!(event["cookies"], json!(["c\u{fffd}", "d"]));
    assert_eq!(event["requestContext"]["http"]["userAgent"], "\u{fffd}(");
    assert_eq!(
        event["queryStringParameters"],
        json!({ "a": "\u{fffd}", "\u{fffd}": "b" })
    );

    // The request target is checked before the server builds an event.
    function.assert_rejects(b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid URI");
}

/// The names and values contain JSON syntax or are special in JavaScript.
#[test]
fn special_names_and_values_are_passed_as_text() {
    let function = EchoFunction::start();
    let event = function.invoke(request_head(
        "GET /?__proto__=1&%22%7D=2&a%5Bb%5D=3",
        &["X-Quote: \"},{\\\"a\\\":1", "__proto__: a", "constructor: b"],
    ));
    assert_eq!(
        event["queryStringParameters"],
        json!({ "__proto__": "1", "\"}": "2", "a[b]": "3" })
    );
    assert_eq!(event["headers"]["x-quote"], "\"},{\\\"a\\\":1");
    assert_eq!(event["headers"]["__proto__"], "a");
}
