use std::task::{Context as TaskContext, Waker};

use futures::{Stream, StreamExt};
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Prompt {
    text: String,
    #[serde(default)]
    limit: u32,
}

/// Extracts a `Prompt` from an event, as the invocation does. The error is a response or an error.
fn extract(event: &Value) -> Result<Prompt, Rejection> {
    let event = Bytes::from(event.to_string());
    let info = crate::event::EventInfo::from_event(&event);
    let head = crate::response::ResponseHead::new(info);
    let (writer, _control) = crate::stream::pipe(1024, head);
    let mut headers = http::HeaderMap::new();
    headers.insert(crate::protocol::REQUEST_ID, http::HeaderValue::from_static("1"));
    let context = crate::Context::from_headers(headers).unwrap();
    let stream = crate::ResponseStream::new(writer);
    let mut invocation = Invocation::new(context, event, info, stream, &());
    <Payload<Prompt> as FromInvocation<(), marker::PayloadArg>>::from_invocation(&mut invocation)
        .map(|payload| payload.0)
}

fn prompt(text: &str, limit: u32) -> Prompt {
    let text = text.to_owned();
    Prompt { text, limit }
}

/// The status and the message of the response in place of the handler's.
fn rejected(event: &Value) -> (HttpPrelude, String) {
    let response = *extract(event).unwrap_err().0;
    let HandlerResponse::Http { prelude, body } = response.unwrap() else {
        panic!("not an HTTP response");
    };
    let body = collect(body);
    let body: Value = serde_json::from_slice(&body).unwrap();
    (prelude, body["message"].as_str().unwrap().to_owned())
}

fn collect(mut body: impl Stream<Item = Result<Bytes, Error>> + Unpin) -> Vec<u8> {
    let mut collected = Vec::new();
    let mut cx = TaskContext::from_waker(Waker::noop());
    while let std::task::Poll::Ready(Some(chunk)) = body.poll_next_unpin(&mut cx) {
        collected.extend_from_slice(&chunk.unwrap());
    }
    collected
}

/// One request in each payload format.
fn events(fields: &Value) -> Vec<Value> {
    let with = |mut event: Value| {
        for (name, value) in fields.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    vec![
        with(json!({"version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "POST"}}})),
        with(json!({"version": "1.0", "httpMethod": "POST", "path": "/", "requestContext": {"stage": "a"}})),
        with(json!({"httpMethod": "POST", "path": "/", "requestContext": {"elb": {}}})),
    ]
}

#[test]
fn http_body_is_deserialized_in_every_payload_format() {
    for event in events(&json!({"body": r#"{"text":"hi","limit":3}"#, "isBase64Encoded": false})) {
        assert_eq!(extract(&event).unwrap(), prompt("hi", 3), "{event}");
    }
    let encoded = STANDARD.encode(r#"{"text":"hü"}"#);
    for event in events(&json!({"body": encoded, "isBase64Encoded": true})) {
        assert_eq!(extract(&event).unwrap(), prompt("hü", 0), "{event}");
    }
}

#[test]
fn query_string_is_used_where_there_is_no_body() {
    let [v2, v1, alb] = ["2.0", "1.0", "alb"];
    let cases = [
        (v2, json!({"rawQueryString": "text=a+b%26&limit=7"})),
        (v2, json!({"rawQueryString": "text=a%20b%26&limit=7", "body": ""})),
        (v1, json!({"queryStringParameters": {"text": "a b&", "limit": "7"}})),
        (
            v1,
            json!({"queryStringParameters": {"text": "x"}, "multiValueQueryStringParameters": {"text": ["a b&"], "limit": ["7"]}}),
        ),
        (
            alb,
            json!({"queryStringParameters": {"text": "a%20b%26", "limit": "7"}}),
        ),
        (
            alb,
            json!({"multiValueQueryStringParameters": {"text": ["a%20b%26"], "limit": ["7"]}, "body": null}),
        ),
    ];
    for (format, fields) in cases {
        let position = [v2, v1, alb].iter().position(|name| *name == format).unwrap();
        let event = &events(&fields)[position];
        assert_eq!(extract(event).unwrap(), prompt("a b&", 7), "{event}");
    }
}

#[test]
fn event_that_is_not_http_is_deserialized_itself() {
    assert_eq!(extract(&json!({"text": "hi"})).unwrap(), prompt("hi", 0));
}

#[test]
fn invalid_body_is_a_400_with_field_and_position() {
    for event in events(&json!({"body": r#"{"texts":"hi"}"#})) {
        let (prelude, message) = rejected(&event);
        assert_eq!(
            message,
            "failed to deserialize the request body: missing field `text` at line 1 column 14"
        );
        assert!(format!("{prelude:?}").contains("400"), "{prelude:?}");
    }
    for event in events(&json!({"body": r#"{"text":"hi","limit":"many"}"#})) {
        let (_, message) = rejected(&event);
        assert_eq!(
            message,
            "failed to deserialize the request body: limit: invalid type: string \"many\", expected u32 at line 1 column 27"
        );
    }
    for event in events(&json!({"body": "{} x"})) {
        assert!(rejected(&event).1.contains("missing field `text`"));
    }
    for event in events(&json!({"body": "text=hi"})) {
        assert!(rejected(&event).1.contains("line 1 column 2"));
    }
}

#[test]
fn invalid_query_string_is_a_400_with_the_field() {
    for event in events(&json!({})) {
        assert_eq!(
            rejected(&event).1,
            "the request has no body, and its query string cannot be deserialized: missing field `text`"
        );
    }
    let event = &events(&json!({"rawQueryString": "text=a&limit=many"}))[0];
    assert!(
        rejected(event).1.contains("limit: invalid digit"),
        "{}",
        rejected(event).1
    );
}

#[test]
fn invalid_event_is_an_error_with_type_field_and_position() {
    let error = extract(&json!({"texts": "hi"})).unwrap_err().0.unwrap_err();
    assert_eq!(error.error_type(), "Function.InvalidEvent");
    assert_eq!(
        error.to_string(),
        "failed to deserialize the event as `Prompt`: missing field `text` at line 1 column 14"
    );
}

#[test]
fn malformed_http_event_is_an_error() {
    let event = &events(&json!({"body": "*", "isBase64Encoded": true}))[0];
    let error = extract(event).unwrap_err().0.unwrap_err().to_string();
    assert!(error.contains("not base64"), "{error}");
    let event = &events(&json!({"body": 3}))[0];
    let error = extract(event).unwrap_err().0.unwrap_err().to_string();
    assert!(
        error.starts_with("failed to read the HTTP event: body: invalid type"),
        "{error}"
    );
}

#[test]
fn short_type_name_has_no_module_paths() {
    assert_eq!(short_type_name("app::orders::Order"), "Order");
    assert_eq!(short_type_name("alloc::vec::Vec<app::Order>"), "Vec<Order>");
    assert_eq!(
        short_type_name("(u8, &core::option::Option<a_b::C_d>)"),
        "(u8, &Option<C_d>)"
    );
    assert_eq!(short_type_name("u32"), "u32");
}
