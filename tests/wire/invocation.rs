//! What goes with an event and its answer: request headers, and the context with each header there or not.

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, Process, ResponseKind};

use crate::{script, scripted, start};

fn all_parameters() -> (MockRuntimeApi, Process) {
    start(env!("CARGO_BIN_EXE_all_parameters"))
}

#[test]
fn a_streamed_answer_has_the_headers_that_lambda_wants() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"write": "hi"}])).request_id("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    let head = String::from_utf8_lossy(answer.raw()).to_lowercase();
    assert!(
        head.starts_with(
            "post /2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response http/1.1\r\n"
        )
    );
    assert_eq!(
        answer.header("Lambda-Runtime-Function-Response-Mode"),
        Some("streaming")
    );
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(
        answer.header("Trailer"),
        Some("Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    );
    assert!(
        answer
            .header("User-Agent")
            .is_some_and(|agent| agent.starts_with("lambda-stream/"))
    );
    assert_eq!(answer.header("Lambda-Runtime-Invocation-Id"), None);
}

#[test]
fn the_invocation_id_is_echoed_on_response_and_error() {
    let (lambda, _function) = scripted();
    for (steps, kind) in [
        (json!([{"write": "hi"}]), ResponseKind::Response),
        (json!([{"fail": "no"}]), ResponseKind::Error),
    ] {
        let answer = lambda.invoke(script(steps).header("Lambda-Runtime-Invocation-Id", "abc-123"));
        assert_eq!(
            (answer.kind(), answer.header("Lambda-Runtime-Invocation-Id")),
            (kind, Some("abc-123"))
        );
    }
}

#[test]
fn the_context_is_what_the_headers_say() {
    let (lambda, _function) = all_parameters();
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
    let said = lambda.invoke(event).json();
    assert!(
        said["remaining_seconds"]
            .as_u64()
            .is_some_and(|seconds| (20..=30).contains(&seconds)),
        "{said}"
    );
    let said = |name: &str| said[name].clone();
    assert_eq!(said("event"), json!({"a": 1}));
    assert_eq!(said("raw"), r#"{"a": 1}"#);
    assert_eq!(said("request_id"), "id-1");
    assert_eq!(said("trace_id"), "Root=1-2-3");
    assert_eq!(said("arn"), "arn:aws:lambda:eu-west-1:1:function:f");
    assert_eq!(said("tenant_id"), "tenant-7");
    assert_eq!(said("client_context"), json!({"client": {"app_title": "t"}}));
    assert_eq!(said("identity"), json!({"cognitoIdentityId": "i"}));
    assert_eq!(said("invocation"), 1);
}

#[test]
fn the_state_is_made_once_and_shared() {
    let (lambda, _function) = all_parameters();
    for n in 1..=3 {
        assert_eq!(lambda.invoke(Event::json("{}")).json()["invocation"], n);
    }
}

#[test]
fn each_optional_header_may_be_missing_or_odd() {
    let optional = [
        ("Lambda-Runtime-Deadline-Ms", "has_deadline"),
        ("Lambda-Runtime-Invoked-Function-Arn", "arn"),
        ("Lambda-Runtime-Trace-Id", "trace_id"),
        ("Lambda-Runtime-Aws-Tenant-Id", "tenant_id"),
        ("Lambda-Runtime-Client-Context", "client_context"),
        ("Lambda-Runtime-Cognito-Identity", "identity"),
    ];
    let (lambda, _function) = all_parameters();
    for (header, field) in optional {
        for event in [
            Event::json("1").without_header(header),
            Event::json("2").header(header, ""),
            Event::json("3").header(header, b"\xff\xfe {"),
        ] {
            let said = lambda.invoke(event).json();
            assert!(said[field] == Value::Null || said[field] == false, "{header}: {said}");
        }
    }
}

#[test]
fn without_any_optional_header_it_streams() {
    let (lambda, _function) = all_parameters();
    let bare = Event::json("7")
        .without_header("Lambda-Runtime-Deadline-Ms")
        .without_header("Lambda-Runtime-Invoked-Function-Arn")
        .without_header("Lambda-Runtime-Trace-Id");
    let said = lambda.invoke(bare).json();
    assert_eq!(
        (said["event"].clone(), said["remaining_seconds"].clone()),
        (json!(7), Value::Null)
    );
}
