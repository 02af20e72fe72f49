use serde::Serialize;
use serde_json::{Value, json};

use super::*;
use crate::Json;
use crate::testing::{Invocation, Response};

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Prompt {
    text: String,
    #[serde(default)]
    limit: u32,
}

/// The response of a handler that returns its payload.
async fn respond(event: &Value) -> Response {
    Invocation::new(event)
        .run(async |Payload(prompt): Payload<Prompt>| Json(prompt))
        .await
}

/// The payload that a handler gets.
async fn extract(event: &Value) -> Prompt {
    respond(event).await.json()
}

fn prompt(text: &str, limit: u32) -> Prompt {
    let text = text.to_owned();
    Prompt { text, limit }
}

/// The message of the response in place of the handler's.
async fn rejection(event: &Value) -> String {
    let response = respond(event).await;
    assert_eq!(response.status(), Some(400));
    response.json::<Value>()["message"].as_str().unwrap().to_owned()
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

#[tokio::test]
async fn http_body_is_deserialized_in_every_payload_format() {
    for event in events(&json!({"body": r#"{"text":"hi","limit":3}"#, "isBase64Encoded": false})) {
        assert_eq!(extract(&event).await, prompt("hi", 3), "{event}");
    }
    let encoded = STANDARD.encode(r#"{"text":"hü"}"#);
    for event in events(&json!({"body": encoded, "isBase64Encoded": true})) {
        assert_eq!(extract(&event).await, prompt("hü", 0), "{event}");
    }
}

#[tokio::test]
async fn query_string_is_used_where_there_is_no_body() {
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
        assert_eq!(extract(event).await, prompt("a b&", 7), "{event}");
    }
}

#[tokio::test]
async fn event_that_is_not_http_is_deserialized_itself() {
    assert_eq!(extract(&json!({"text": "hi"})).await, prompt("hi", 0));
}

#[tokio::test]
async fn invalid_body_is_a_400_with_field_and_position() {
    for event in events(&json!({"body": r#"{"texts":"hi"}"#})) {
        assert_eq!(
            rejection(&event).await,
            "failed to deserialize the request body: missing field `text` at line 1 column 14"
        );
    }
    for event in events(&json!({"body": r#"{"text":"hi","limit":"many"}"#})) {
        assert_eq!(
            rejection(&event).await,
            "failed to deserialize the request body: limit: invalid type: string \"many\", expected u32 at line 1 column 27"
        );
    }
    for event in events(&json!({"body": "{} x"})) {
        assert!(rejection(&event).await.contains("missing field `text`"));
    }
    for event in events(&json!({"body": "text=hi"})) {
        assert!(rejection(&event).await.contains("line 1 column 2"));
    }
}

#[tokio::test]
async fn invalid_query_string_is_a_400_with_the_field() {
    for event in events(&json!({})) {
        assert_eq!(
            rejection(&event).await,
            "the request has no body, and its query string cannot be deserialized: missing field `text`"
        );
    }
    let event = &events(&json!({"rawQueryString": "text=a&limit=many"}))[0];
    let message = rejection(event).await;
    assert!(message.contains("limit: invalid digit"), "{message}");
}

#[tokio::test]
async fn invalid_event_is_an_error_with_type_field_and_position() {
    let response = respond(&json!({"texts": "hi"})).await;
    let error = response.error().unwrap();
    assert_eq!(error.error_type(), "Function.InvalidEvent");
    assert_eq!(
        error.to_string(),
        "failed to deserialize the event as `Prompt`: missing field `text` at line 1 column 14"
    );
}

#[tokio::test]
async fn malformed_http_event_is_an_error() {
    let event = &events(&json!({"body": "*", "isBase64Encoded": true}))[0];
    let error = respond(event).await.error().unwrap().to_string();
    assert!(error.contains("not base64"), "{error}");
    let event = &events(&json!({"body": 3}))[0];
    let error = respond(event).await.error().unwrap().to_string();
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
