//! Events whose fields resemble those of an HTTP event, and HTTP events that people write for a test.

use serde_json::{Value, json};
use test_support::{Event, ResponseKind, start};

const DOCUMENT: &str = env!("CARGO_BIN_EXE_json_document");
const REQUEST: &str = env!("CARGO_BIN_EXE_http_request");

const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request";

/// Returns one event of each source, in the form that AWS documents.
fn events_that_are_not_http() -> Vec<(&'static str, Value)> {
    let rest_api = json!({
        "type": "REQUEST", "methodArn": METHOD_ARN, "resource": "/request", "path": "/request", "httpMethod": "GET",
        "headers": {"Accept": "*/*"}, "multiValueHeaders": {"Accept": ["*/*"]}, "queryStringParameters": {"a": "b"},
        "pathParameters": {}, "stageVariables": {},
        "requestContext": {"path": "/request", "stage": "test", "resourcePath": "/request", "httpMethod": "GET"},
    });
    let mut http_api_v1 = rest_api.clone();
    http_api_v1["version"] = "1.0".into();
    http_api_v1["identitySource"] = "user1,123".into();
    let http_api_v2 = json!({
        "version": "2.0", "type": "REQUEST", "routeArn": METHOD_ARN, "identitySource": ["user1", "123"],
        "routeKey": "$default", "rawPath": "/my/path", "rawQueryString": "a=b", "cookies": ["c"],
        "headers": {"Header1": "value1"}, "queryStringParameters": {"a": "b"},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/my/path"}},
    });
    let websocket_authorizer = json!({
        "type": "REQUEST", "methodArn": METHOD_ARN, "headers": {"Host": "a"}, "multiValueHeaders": {"Host": ["a"]},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "a"},
    });
    let websocket = json!({
        "headers": {"Host": "a"}, "multiValueHeaders": {"Host": ["a"]}, "isBase64Encoded": false,
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw="},
    });
    let lattice_v1 = json!({
        "raw_path": "/api", "method": "POST", "headers": {"accept": "*/*"}, "query_string_parameters": {}, "body": "{}",
        "is_base64_encoded": false,
    });
    let lattice_v2 = json!({
        "version": "2.0", "path": "/health", "method": "GET", "headers": {"accept": ["*/*"]}, "body": null,
        "requestContext": {"serviceArn": "arn:aws:vpc-lattice:a", "identity": {}, "region": "ap-southeast-2"},
    });
    let app_sync = json!({
        "arguments": {"input": "a"}, "identity": null, "info": {"fieldName": "greet"}, "prev": null,
        "request": {"domainName": null, "headers": {"accept": "*/*"}}, "source": null, "stash": {},
    });
    let bedrock_agent = json!({
        "messageVersion": "1.0", "agent": {"name": "a"}, "actionGroup": "c", "apiPath": "/api/path", "httpMethod": "POST",
        "parameters": [],
    });
    vec![
        ("REST API authorizer", rest_api),
        ("HTTP API authorizer, 1.0", http_api_v1),
        ("HTTP API authorizer, 2.0", http_api_v2),
        ("WebSocket authorizer", websocket_authorizer),
        ("WebSocket", websocket),
        ("VPC Lattice 1.0", lattice_v1),
        ("VPC Lattice 2.0", lattice_v2),
        ("AppSync", app_sync),
        ("Bedrock agent", bedrock_agent),
    ]
}

#[test]
fn event_that_resembles_http_gets_response_without_prelude() {
    let (lambda, _function) = start(DOCUMENT);
    for (source, mut event) in events_that_are_not_http() {
        event["document"] = json!({"isAuthorized": true, "statusCode": 200});
        let response = lambda.invoke(Event::json(event.to_string()));
        assert_eq!(response.kind(), ResponseKind::Response, "{source}");
        assert_eq!(response.content_type(), Some("application/json"), "{source}");
        assert_eq!(response.json(), event["document"], "{source}");
    }
}

#[test]
fn event_that_resembles_http_is_no_http_request() {
    let (lambda, _function) = start(REQUEST);
    for (source, event) in events_that_are_not_http() {
        let response = lambda.invoke(Event::json(event.to_string()));
        let error = response.error();
        assert_eq!(
            (response.kind(), error.header_type.as_str()),
            (ResponseKind::Error, "Function.InvalidEvent"),
            "{source}"
        );
        assert!(error.message.contains("it is not an HTTP event"), "{}", error.message);
    }
}

/// Other runtimes accept such events too.
#[test]
fn event_without_request_context_is_payload_format_1() {
    let (lambda, _function) = start(REQUEST);
    for context in [None, Some(Value::Null)] {
        let mut event = json!({
            "httpMethod": "PUT", "path": "/a/b", "headers": {"host": "test.example", "x-one": "1"},
            "queryStringParameters": {"q": "a b"}, "body": "text",
        });
        if let Some(context) = context {
            event["requestContext"] = context;
        }
        let response = lambda.invoke(Event::json(event.to_string()).request_id("id-1"));
        let (prelude, body) = response.prelude();
        assert_eq!(prelude["statusCode"], 200);
        assert_eq!(
            serde_json::from_slice::<Value>(body).unwrap(),
            json!({
                "method": "PUT",
                "uri": "https://test.example/a/b?q=a%20b",
                "headers": [["host", "test.example"], ["x-one", "1"]],
                "body": "text",
                "source": "none",
                "request_id": "id-1",
                "address": null,
                "path_parameters": null,
                "stage_variables": null,
            })
        );
    }
}

#[test]
fn event_without_request_context_gets_prelude() {
    let (lambda, _function) = start(DOCUMENT);
    let event = json!({"httpMethod": "GET", "path": "/", "headers": {}, "document": [1]});
    let response = lambda.invoke(Event::json(event.to_string()));
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["headers"]["content-type"], "application/json");
    // Only payload format 1.0 has this field.
    assert!(prelude["multiValueHeaders"].is_object(), "{prelude}");
    assert_eq!(body, b"[1]");
}
