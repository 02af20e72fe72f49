//! The example `mixed`: a handler that returns `AnyResponse`.

use serde_json::json;
use test_support::{BodyEnd, Event, ResponseKind, example, start};

#[test]
fn json_http_response_and_stream_from_one_function() {
    let (lambda, _function) = start(example("mixed"));

    let response = lambda.invoke(Event::function_url("GET", "/health"));
    assert_eq!(
        (response.kind(), response.body_end()),
        (ResponseKind::Response, BodyEnd::ContentLength)
    );
    assert_eq!(
        (response.content_type(), &response.json()["healthy"]),
        (Some("application/json"), &json!(true))
    );

    let response = lambda.invoke(Event::function_url("DELETE", "/health"));
    let not_found = json!({"statusCode": 404, "headers": {}, "cookies": []});
    assert_eq!(response.prelude(), (not_found, &b"DELETE /health: not found\n"[..]));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);

    let response = lambda.invoke(Event::function_url("GET", "/lines"));
    let lines = json!({"statusCode": 200, "headers": {"content-type": "application/octet-stream"}, "cookies": []});
    assert_eq!(response.prelude(), (lines, &b"one\ntwo\nthree\n"[..]));

    let response = lambda.invoke(Event::function_url("POST", "/letter").body("Ada"));
    let letter = json!({"statusCode": 201, "headers": {"content-type": "text/plain; charset=utf-8"}, "cookies": []});
    assert_eq!(
        response.prelude(),
        (letter, &b"Dear Ada,\nthis comes word by word.\n"[..])
    );
    // The prelude, its delimiter, and eight words: one chunk each.
    assert_eq!(response.chunks().len(), 10);

    let response = lambda.invoke(Event::function_url("POST", "/letter").body([0xff]));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.Utf8Error")
    );
}

#[test]
fn json_for_rest_api_has_a_prelude() {
    let (lambda, _function) = start(example("mixed"));
    let response = lambda.invoke(Event::rest_api("GET", "/health"));
    let (prelude, body) = response.prelude();
    assert_eq!(
        (&prelude["statusCode"], &prelude["headers"]["content-type"]),
        (&json!(200), &json!("application/json"))
    );
    assert!(body.starts_with(br#"{"healthy":true"#));
}
