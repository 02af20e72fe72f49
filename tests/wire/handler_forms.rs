//! The forms of a handler and of its `main`: returned streams, JSON, `Runtime`, closures, runtime flavors, and the
//! examples.

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, example, start};

#[test]
fn returned_stream_items_are_the_body() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let response = lambda.invoke(Event::json(json!({"items": ["one ", "two ", "three"]}).to_string()));
    assert_eq!(
        (response.kind(), response.text(), response.body_end()),
        (ResponseKind::Response, "one two three", BodyEnd::LastChunk)
    );
    let response = lambda.invoke(Event::json("{}"));
    assert_eq!((response.kind(), response.text()), (ResponseKind::Response, ""));
    assert_eq!(response.header("Transfer-Encoding"), Some("chunked"));
}

#[test]
fn json_response_is_buffered_with_content_length() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_sum"));
    let response = lambda.invoke(Event::json("[1, 2, 39]"));
    assert_eq!(
        (response.kind(), response.text(), response.body_end()),
        (ResponseKind::Response, "42", BodyEnd::ContentLength)
    );
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.header("Lambda-Runtime-Function-Response-Mode"), None);
    let response = lambda.invoke(Event::json(format!("[1, {}]", u64::MAX)));
    assert_eq!(
        (response.kind(), response.error().message.as_str()),
        (ResponseKind::Error, "the sum is too large")
    );
    assert_eq!(response.error().header_type, "Function.Error");
    assert_eq!(lambda.invoke(Event::json("[]")).text(), "0");
}

#[test]
fn runtime_without_attribute_streams() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_builder"));
    let response = lambda.invoke(Event::json(r#""a longer text""#));
    assert_eq!(
        (response.text(), response.body_end()),
        (r#"> "a longer text""#, BodyEnd::LastChunk)
    );
    // The buffer of `builder` holds four bytes.
    assert!(response.chunks().iter().all(|chunk| chunk.bytes.len() <= 4));

    let (lambda, _function) = start(env!("CARGO_BIN_EXE_closure"));
    let response = lambda.invoke(Event::json(r#""Ada""#));
    assert_eq!(
        (response.text(), response.body_end()),
        ("Hello, Ada", BodyEnd::LastChunk)
    );
}

#[test]
fn attribute_selects_runtime_flavor() {
    let describe_runtime = |attribute: &str, max_concurrency: &str| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_runtime_flavors"));
        command
            .env("ATTRIBUTE", attribute)
            .env("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency);
        let _function = Process::spawn_function_with(command, &lambda);
        lambda.invoke(Event::json("{}")).json()
    };
    let one_thread = json!({"flavor": "CurrentThread", "workers": 1});
    let three_threads = json!({"flavor": "MultiThread", "workers": 3});
    // The default has several threads only with concurrent invocations.
    assert_eq!(describe_runtime("default", "1"), one_thread);
    assert_eq!(describe_runtime("default", "2")["flavor"], "MultiThread");
    assert_eq!(describe_runtime("current_thread", "2"), one_thread);
    assert_eq!(describe_runtime("three_workers", "1"), three_threads);
}

#[test]
fn payload_is_event_request_body_or_query() {
    let (lambda, _function) = start(example("tokens"));
    let response = lambda.invoke(Event::json(r#"{"text": "an event"}"#));
    assert_eq!(response.text(), "an event \n");
    for request in [
        Event::function_url("POST", "/").body(r#"{"text": "a body"}"#),
        Event::rest_api("POST", "/").body(r#"{"text": "a body"}"#),
        Event::function_url("GET", "/?text=a+body"),
        Event::rest_api("GET", "/?text=a+body"),
    ] {
        let response = lambda.invoke(request);
        let (prelude, body) = response.prelude();
        assert_eq!((&prelude["statusCode"], body), (&json!(200), &b"a body \n"[..]));
    }
}

#[test]
fn payload_with_invalid_body_responds_with_400() {
    let (lambda, _function) = start(example("tokens"));
    let response = lambda.invoke(Event::function_url("POST", "/").body(r#"{"text": 1}"#));
    assert_eq!(response.kind(), ResponseKind::Response);
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 400);
    let body = String::from_utf8_lossy(body);
    assert!(body.contains("invalid type: integer `1`"), "{body}");
    assert!(body.contains("line 1 column 10"), "{body}");

    let response = lambda.invoke(Event::json(r#"{"text": 1}"#));
    assert_eq!(response.kind(), ResponseKind::Error);
    let error = response.error();
    assert_eq!(error.header_type, "Function.InvalidEvent");
    assert!(
        error
            .message
            .starts_with("failed to deserialize the event as `Prompt`: "),
        "{error:?}"
    );
}

#[test]
fn examples_respond() {
    let lambda = MockRuntimeApi::start();
    let hello = Process::spawn_function(example("hello"), &lambda);
    let response = lambda.invoke(Event::json(r#"{"name": "Ada"}"#));
    assert_eq!(response.text(), "Hello, Ada, this is a stream.\n");
    assert_eq!(response.chunks().len(), 7);
    drop(hello);

    let lambda = MockRuntimeApi::start();
    let tokens = Process::spawn_function(example("tokens"), &lambda);
    let response = lambda.invoke(Event::json(r#"{"text": "one two  three"}"#));
    assert_eq!(response.text(), "one two three \n");
    assert_eq!(response.chunks()[1].bytes, b"two ");
    drop(tokens);

    let lambda = MockRuntimeApi::start();
    let failing = Process::spawn_function(example("failing"), &lambda);
    let response = lambda.invoke(Event::function_url("GET", "/"));
    assert_eq!(response.prelude().1, b"chunk 1\nchunk 2\nchunk 3\n");
    assert_eq!(response.error().header_type, "Function.UpstreamGone");
    drop(failing);

    let lambda = MockRuntimeApi::start();
    let _with_state = Process::spawn_function(example("with_state"), &lambda);
    for visit in 1..=2 {
        let response = lambda.invoke(Event::json("{}").request_id("id-9"));
        assert_eq!(
            response.text(),
            format!("Welcome: visit {visit} since the cold start\nrequest id-9\n")
        );
    }
}
