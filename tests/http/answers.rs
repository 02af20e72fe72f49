//! The example `mixed`: one function whose answers are of several forms.

use serde_json::json;
use test_support::{BodyEnd, Event, ResponseKind, example};

use crate::start;

#[test]
fn json_a_response_and_a_stream_come_from_one_function() {
    let (lambda, _function) = start(example("mixed"));

    let answer = lambda.invoke(Event::function_url("GET", "/health"));
    assert_eq!(
        (answer.kind(), answer.body_end()),
        (ResponseKind::Response, BodyEnd::ContentLength)
    );
    assert_eq!(
        (answer.content_type(), &answer.json()["healthy"]),
        (Some("application/json"), &json!(true))
    );

    let answer = lambda.invoke(Event::function_url("DELETE", "/health"));
    let nothing = json!({"statusCode": 404, "headers": {}, "cookies": []});
    assert_eq!(
        answer.prelude(),
        (nothing, &b"DELETE /health is nothing that is here.\n"[..])
    );
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);

    let answer = lambda.invoke(Event::function_url("GET", "/lines"));
    let lines = json!({"statusCode": 200, "headers": {"content-type": "application/octet-stream"}, "cookies": []});
    assert_eq!(answer.prelude(), (lines, &b"one\ntwo\nthree\n"[..]));

    let answer = lambda.invoke(Event::function_url("POST", "/letter").body("Ada"));
    let letter = json!({"statusCode": 201, "headers": {"content-type": "text/plain; charset=utf-8"}, "cookies": []});
    assert_eq!(
        answer.prelude(),
        (letter, &b"Dear Ada,\nthis comes word by word.\n"[..])
    );
    // The prelude, its delimiter, and eight words, each on its own.
    assert_eq!(answer.chunks().len(), 10);

    let answer = lambda.invoke(Event::function_url("POST", "/letter").body([0xff]));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.UtfError")
    );
}

#[test]
fn json_is_a_response_where_the_source_takes_no_bare_document() {
    let (lambda, _function) = start(example("mixed"));
    let answer = lambda.invoke(Event::rest_api("GET", "/health"));
    let (prelude, body) = answer.prelude();
    assert_eq!(
        (&prelude["statusCode"], &prelude["headers"]["content-type"]),
        (&json!(200), &json!("application/json"))
    );
    assert!(body.starts_with(br#"{"healthy":true"#));
}
