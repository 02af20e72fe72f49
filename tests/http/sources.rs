//! Requests from each source of events, as a handler gets them, and events that are none.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, ResponseKind};

use crate::start;

const REQUEST: &str = env!("CARGO_BIN_EXE_http_request");

#[test]
fn a_function_url_gives_a_request() {
    let (lambda, _function) = start(REQUEST);
    let event = Event::function_url("PURGE", "/a%20b/?x=1&y&x=%2B")
        .header("X-Two", "one")
        .header("X-Two", "two")
        .cookie("a=1")
        .cookie("b=2")
        .body([b'h', 0xff]);
    let answer = lambda.invoke(event.event().request_id("id-1"));
    let (prelude, body) = answer.prelude();
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
fn a_rest_api_gives_every_value_of_a_header() {
    let (lambda, _function) = start(REQUEST);
    let event = Event::rest_api("PUT", "/a/b?x=1&x=2")
        .header("X-Two", "one")
        .header("X-Two", "two, three")
        .body("text");
    let answer = lambda.invoke(event.event().request_id("id-2"));
    assert_eq!(
        serde_json::from_slice::<Value>(answer.prelude().1).unwrap(),
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
fn a_load_balancer_gives_a_request_with_lists_and_without() {
    let (lambda, _function) = start(REQUEST);
    for (lists, values) in [(true, vec!["one", "two"]), (false, vec!["two"])] {
        let event = Event::alb("GET", "/a?x=%2B", lists)
            .header("X-Two", "one")
            .header("X-Two", "two")
            .header("X-Forwarded-For", "203.0.113.9, 192.0.2.7")
            .header("X-Forwarded-Proto", "http");
        let answer = lambda.invoke(event);
        assert_eq!(
            (answer.kind(), answer.body_end()),
            (ResponseKind::Response, BodyEnd::ContentLength)
        );
        let request: Value = serde_json::from_str(answer.json()["body"].as_str().unwrap()).unwrap();
        let of_two: Vec<_> = request["headers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|pair| pair[0] == "x-two")
            .collect();
        assert_eq!(
            of_two,
            values
                .iter()
                .map(|value| json!(["x-two", value]))
                .collect::<Vec<_>>()
                .iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(
            request["uri"],
            "http://under-test.lambda-url.eu-central-1.on.aws/a?x=%2B"
        );
        assert_eq!(
            (&request["source"], &request["address"]),
            (&json!("load balancer"), &json!("192.0.2.7"))
        );
    }
}

#[test]
fn an_event_that_is_no_request_is_refused_and_told_what_is_one() {
    let (lambda, _function) = start(REQUEST);
    let websocket = json!({
        "headers": {"Host": "a"},
        "multiValueHeaders": {"Host": ["a"]},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=", "apiId": "a"},
        "isBase64Encoded": false,
    });
    let queue = json!({"Records": [{"messageId": "a", "body": "{}", "eventSource": "aws:sqs"}]});
    for event in [json!({"text": "hi"}), json!([1]), json!(null), queue, websocket] {
        let answer = lambda.invoke(Event::json(event.to_string()));
        let error = answer.error();
        assert_eq!(
            (answer.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{event}"
        );
        for source in ["Function URLs", "API Gateway", "Application Load Balancers"] {
            assert!(error.message.contains(source), "{source} is not in {}", error.message);
        }
    }
    let answer = lambda.invoke(Event::json("{"));
    assert_eq!(
        (answer.kind(), answer.error().header_type.as_str()),
        (ResponseKind::Error, "Function.InvalidEvent")
    );
}

#[test]
fn an_event_that_breaks_its_format_is_refused_and_told_why() {
    let (lambda, _function) = start(REQUEST);
    let context = json!({"http": {"method": "GET"}});
    let faults = [
        (json!({"version": "2.0", "requestContext": context}), "rawPath"),
        (
            json!({"version": "2.0", "requestContext": context, "rawPath": "/", "body": "?", "isBase64Encoded": true}),
            "said to be base64",
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
    for (event, says) in faults {
        let answer = lambda.invoke(Event::json(event.to_string()));
        let error = answer.error();
        assert_eq!(
            (answer.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{event}"
        );
        assert!(error.message.contains(says), "{says} is not in {}", error.message);
    }
    lambda.wait_for_next();
}

#[test]
fn a_request_stands_beside_everything_else_that_a_handler_takes() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_http_streaming"));
    let answer = lambda.invoke(Event::function_url("GET", "/you").event().request_id("id-3"));
    assert_eq!(
        answer.prelude(),
        (
            json!({"statusCode": 202, "headers": {"x-request-id": "id-3"}, "cookies": ["greeted=1"]}),
            &b"Hello, /you"[..]
        )
    );
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
}
