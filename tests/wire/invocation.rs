//! The metadata of an invocation: the headers of the response POST, and the context with and without optional headers.

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process, ResponseKind, script, start};

use crate::start_scripted;

/// Starts `all_parameters`, whose response contains the values of its parameters.
fn start_all_parameters() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_all_parameters"))
}

#[test]
fn streamed_response_has_required_headers() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"write": "hi"}])).request_id("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    let head = String::from_utf8_lossy(response.raw()).to_lowercase();
    assert!(
        head.starts_with(
            "post /2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response http/1.1\r\n"
        )
    );
    assert_eq!(
        response.header("Lambda-Runtime-Function-Response-Mode"),
        Some("streaming")
    );
    assert_eq!(response.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(
        response.header("Trailer"),
        Some("Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    );
    assert!(
        response
            .header("User-Agent")
            .is_some_and(|agent| agent.starts_with("lambda-stream/"))
    );
    assert_eq!(response.header("Lambda-Runtime-Invocation-Id"), None);
}

#[test]
fn invocation_id_is_echoed_on_response_and_error() {
    let (lambda, _function) = start_scripted();
    for (steps, kind) in [
        (json!([{"write": "hi"}]), ResponseKind::Response),
        (json!([{"fail": "no"}]), ResponseKind::Error),
    ] {
        let response = lambda.invoke(script(steps).header("Lambda-Runtime-Invocation-Id", "abc-123"));
        assert_eq!(
            (response.kind(), response.header("Lambda-Runtime-Invocation-Id")),
            (kind, Some("abc-123"))
        );
    }
}

#[test]
fn context_has_values_of_headers() {
    let (lambda, _function) = start_all_parameters();
    let event = Event::json(r#"{"a": 1}"#)
        .request_id("id-1")
        .header("Lambda-Runtime-Trace-Id", "Root=1-2-3")
        .header(
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:eu-west-1:1:function:f",
        )
        .header("Lambda-Runtime-Aws-Tenant-Id", "tenant-7")
        .header("Lambda-Runtime-Client-Context", r#"{"client":{"app_title":"t"}}"#)
        .header("Lambda-Runtime-Cognito-Identity", r#"{"cognitoIdentityId":"i"}"#);
    let parameters = lambda.invoke(event).json();
    assert!(
        parameters["remaining_seconds"]
            .as_u64()
            .is_some_and(|seconds| (20..=30).contains(&seconds)),
        "{parameters}"
    );
    assert_eq!(parameters["event"], json!({"a": 1}));
    assert_eq!(parameters["raw"], r#"{"a": 1}"#);
    assert_eq!(parameters["request_id"], "id-1");
    assert_eq!(parameters["trace_id"], "Root=1-2-3");
    assert_eq!(parameters["arn"], "arn:aws:lambda:eu-west-1:1:function:f");
    assert_eq!(parameters["tenant_id"], "tenant-7");
    assert_eq!(parameters["client_context"], json!({"client": {"app_title": "t"}}));
    assert_eq!(parameters["identity"], json!({"cognitoIdentityId": "i"}));
    assert_eq!(parameters["invocation"], 1);
}

#[test]
fn state_is_created_once_and_shared() {
    let (lambda, _function) = start_all_parameters();
    for n in 1..=3 {
        assert_eq!(lambda.invoke(Event::json("{}")).json()["invocation"], n);
    }
}

#[test]
fn missing_or_malformed_optional_header_is_none() {
    let optional_headers = [
        ("Lambda-Runtime-Deadline-Ms", "has_deadline"),
        ("Lambda-Runtime-Invoked-Function-Arn", "arn"),
        ("Lambda-Runtime-Trace-Id", "trace_id"),
        ("Lambda-Runtime-Aws-Tenant-Id", "tenant_id"),
        ("Lambda-Runtime-Client-Context", "client_context"),
        ("Lambda-Runtime-Cognito-Identity", "identity"),
    ];
    let (lambda, _function) = start_all_parameters();
    for (header, field) in optional_headers {
        for event in [
            Event::json("1").without_header(header),
            Event::json("2").header(header, ""),
            Event::json("3").header(header, b"\xff\xfe {"),
        ] {
            let parameters = lambda.invoke(event).json();
            assert!(
                parameters[field] == Value::Null || parameters[field] == false,
                "{header}: {parameters}"
            );
        }
    }
}

#[test]
fn event_without_optional_headers_streams() {
    let (lambda, _function) = start_all_parameters();
    let event = Event::json("7")
        .without_header("Lambda-Runtime-Deadline-Ms")
        .without_header("Lambda-Runtime-Invoked-Function-Arn")
        .without_header("Lambda-Runtime-Trace-Id");
    let parameters = lambda.invoke(event).json();
    assert_eq!(
        (&parameters["event"], &parameters["remaining_seconds"]),
        (&json!(7), &Value::Null)
    );
}
