//! The `http::Request` that a handler receives from each event source, and events that cannot be converted to one.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, ResponseKind, start};

const REQUEST: &str = env!("CARGO_BIN_EXE_http_request");

#[test]
fn function_url_event_becomes_request() {
    let (lambda, _function) = start(REQUEST);
    let event = Event::function_url("PURGE", "/a%20b/?x=1&y&x=%2B")
        .header("X-Two", "one")
        .header("X-Two", "two")
        .cookie("a=1")
        .cookie("b=2")
        .body([b'h', 0xff]);
    let response = lambda.invoke(event.event().request_id("id-1"));
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 200);
    assert_eq!(
        serde_json::from_slice::<Value>(body).unwrap(),
        json!({
            "method": "PURGE",
            "uri": "https://under-test.lambda-url.eu-central-1.on.aws/a%20b/?x=1&y&x=%2B",
            "headers": [
                ["cookie", "a=1; b=2"], ["host", "under-test.lambda-url.eu-central-1.on.aws"], ["x-two", "one,two"],
            ],
            "body": "h\u{fffd}",
            "source": "payload format 2.0",
            "request_id": "id-1",
            "address": "192.0.2.1",
            "path_parameters": null,
            "stage_variables": null,
        })
    );
}

#[test]
fn rest_api_event_becomes_request_with_all_values() {
    let (lambda, _function) = start(REQUEST);
    let event = Event::rest_api("PUT", "/a/b?x=1&x=2")
        .header("X-Two", "one")
        .header("X-Two", "two, three")
        .body("text");
    let response = lambda.invoke(event.event().request_id("id-2"));
    assert_eq!(
        serde_json::from_slice::<Value>(response.prelude().1).unwrap(),
        json!({
            "method": "PUT",
            "uri": "https://under-test.lambda-url.eu-central-1.on.aws/a/b?x=1&x=2",
            "headers": [
                ["host", "under-test.lambda-url.eu-central-1.on.aws"], ["x-two", "one"], ["x-two", "two, three"],
            ],
            "body": "text",
            "source": "payload format 1.0",
            "request_id": "id-2",
            "address": "192.0.2.1",
            "path_parameters": {"proxy": "a/b"},
            "stage_variables": null,
        })
    );
}

#[test]
fn alb_event_becomes_request() {
    let (lambda, _function) = start(REQUEST);
    for (multi_value, expected) in [(true, vec!["one", "two"]), (false, vec!["two"])] {
        let event = Event::alb("GET", "/a?x=%2B", multi_value)
            .header("X-Two", "one")
            .header("X-Two", "two")
            .header("X-Forwarded-For", "203.0.113.9, 192.0.2.7")
            .header("X-Forwarded-Proto", "http");
        let response = lambda.invoke(event);
        assert_eq!(
            (response.kind(), response.body_end()),
            (ResponseKind::Response, BodyEnd::ContentLength)
        );
        let request: Value = serde_json::from_str(response.json()["body"].as_str().unwrap()).unwrap();
        let headers = request["headers"].as_array().unwrap();
        let values: Vec<_> = headers
            .iter()
            .filter(|header| header[0] == "x-two")
            .map(|header| header[1].as_str().unwrap())
            .collect();
        assert_eq!(values, expected);
        assert_eq!(
            request["uri"],
            "http://under-test.lambda-url.eu-central-1.on.aws/a?x=%2B"
        );
        assert_eq!(
            (&request["source"], &request["address"]),
            (&json!("ALB"), &json!("192.0.2.7"))
        );
    }
}

#[test]
fn event_that_is_not_http_posts_supported_sources() {
    let (lambda, _function) = start(REQUEST);
    let websocket = json!({
        "headers": {"Host": "a"},
        "multiValueHeaders": {"Host": ["a"]},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=", "apiId": "a"},
        "isBase64Encoded": false,
    });
    let queue = json!({"Records": [{"messageId": "a", "body": "{}", "eventSource": "aws:sqs"}]});
    for event in [json!({"text": "hi"}), json!([1]), json!(null), queue, websocket] {
        let response = lambda.invoke(Event::json(event.to_string()));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{event}"
        );
        for source in ["Function URLs", "API Gateway", "Application Load Balancers"] {
            assert!(error.message.contains(source), "{source} is not in {}", error.message);
        }
    }
    let response = lambda.invoke(Event::json("{"));
    assert_eq!(
        (response.kind(), response.error().header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
}

#[test]
fn malformed_http_event_posts_reason() {
    let (lambda, _function) = start(REQUEST);
    let context = json!({"http": {"method": "GET"}});
    let cases = [
        (json!({"version": "2.0", "requestContext": context}), "rawPath"),
        (
            json!({"version": "2.0", "requestContext": context, "rawPath": "/", "body": "?", "isBase64Encoded": true}),
            "the event has `isBase64Encoded`, but its body is not base64",
        ),
        (
            json!({"version": "2.0", "requestContext": {"http": {"method": "G T"}}, "rawPath": "/"}),
            "\"G T\"",
        ),
        (
            json!({"version": "2.0", "requestContext": context, "rawPath": "/", "headers": {"a b": "c"}}),
            "\"a b\"",
        ),
        (
            json!({"version": "2.0", "requestContext": context, "rawPath": "/", "headers": {"a": "b\r\nc: d"}}),
            "\"a\"",
        ),
    ];
    for (event, reason) in cases {
        let response = lambda.invoke(Event::json(event.to_string()));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{event}"
        );
        assert!(error.message.contains(reason), "{reason} is not in {}", error.message);
    }
    lambda.wait_for_next();
}

#[test]
fn request_is_compatible_with_other_parameters() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_http_streaming"));
    let response = lambda.invoke(Event::function_url("GET", "/you").event().request_id("id-3"));
    assert_eq!(
        response.prelude(),
        (
            json!({"statusCode": 202, "headers": {"x-request-id": "id-3"}, "cookies": ["greeted=1"]}),
            &b"Hello, /you"[..]
        )
    );
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
}
